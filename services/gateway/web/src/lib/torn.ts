import { between, seeded } from './seed';

const TEETH = 22;

/** A `clip-path` whose right edge was torn by hand: uneven, but always the same for one reward. */
export function tornRight(id: string, depthPx = 9): string {
  const random = seeded(id);
  const edge = Array.from({ length: TEETH + 1 }, (_, at) => {
    const depth = Math.round(between(random, 0, depthPx) * (at % 2 ? 1 : 0.45) * 10) / 10;
    return `calc(100% - ${depth}px) ${Math.round((at / TEETH) * 1000) / 10}%`;
  });
  return `polygon(0 0, ${edge.join(', ')}, 0 100%)`;
}
