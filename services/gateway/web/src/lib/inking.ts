import { between, seeded } from './seed';

/** How one pressing of the stamp came out: never the same twice, always the same for one stamp. */
export interface Inking {
  /** Degrees; a hand is never straight. */
  turn: number;
  /** Hundredths of the stamp's width. */
  shift: { x: number; y: number };
  /** How much ink there was, 0.86 to 1. */
  strength: number;
  /** Two rings drawn by rubber, not by a compass. */
  outer: string;
  inner: string;
  /** Paper showing through: fine and coarse specks, as zero-length strokes with round ends. */
  fine: string;
  coarse: string;
  /** Where the pad was dry: an arc of the rim that took less ink, in hundredths of the way round. */
  dry: { from: number; length: number };
  /** Where the hand pressed less. */
  pale: { x: number; y: number; r: number };
}

const round = (value: number) => Math.round(value * 100) / 100;

/** A closed, slightly uneven ring around (50, 50). */
function ring(random: () => number, radius: number, unevenness: number): string {
  const points = Array.from({ length: 18 }, (_, at) => {
    const angle = (at / 18) * 2 * Math.PI;
    const r = radius + between(random, -unevenness, unevenness);
    return { x: 50 + r * Math.cos(angle), y: 50 + r * Math.sin(angle) };
  });
  const middle = (at: number) => {
    const a = points[at % 18]!;
    const b = points[(at + 1) % 18]!;
    return `${round((a.x + b.x) / 2)} ${round((a.y + b.y) / 2)}`;
  };
  const curves = points.map((_, at) => {
    const corner = points[(at + 1) % 18]!;
    return `Q${round(corner.x)} ${round(corner.y)} ${middle(at + 1)}`;
  });
  return `M${middle(0)}${curves.join('')}Z`;
}

function specks(random: () => number, count: number): string {
  return Array.from({ length: count }, () => {
    const angle = random() * 2 * Math.PI;
    const reach = 48 * Math.sqrt(random());
    return `M${round(50 + reach * Math.cos(angle))} ${round(50 + reach * Math.sin(angle))}h0`;
  }).join('');
}

/** The inking of a stamp, by its id. */
export function inking(id: string): Inking {
  const random = seeded(id);
  const paleAngle = random() * 2 * Math.PI;
  return {
    turn: round(between(random, -13, 13)),
    shift: { x: round(between(random, -2.5, 2.5)), y: round(between(random, -2.5, 2.5)) },
    strength: round(between(random, 0.86, 1)),
    outer: ring(random, 44, 0.55),
    inner: ring(random, 37.5, 0.4),
    fine: specks(random, 26),
    coarse: specks(random, 7),
    dry: { from: round(random() * 100), length: round(between(random, 8, 22)) },
    pale: { x: round(50 + 34 * Math.cos(paleAngle)), y: round(50 + 34 * Math.sin(paleAngle)), r: round(between(random, 14, 24)) },
  };
}
