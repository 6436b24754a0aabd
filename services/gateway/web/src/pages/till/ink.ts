import type { CardState, Program } from './types';

/** What a card will be after `count` stamps, shown before the server has said so. A full card begins anew. */
export function inked<C extends CardState>(card: C, count: number): C {
  let { stamps, cycle } = card;
  for (let left = count; left > 0; ) {
    if (stamps >= card.stamps_required) [stamps, cycle] = [0, cycle + 1];
    const step = Math.min(left, card.stamps_required - stamps);
    stamps += step;
    left -= step;
  }
  return { ...card, stamps, cycle, total: card.total + count };
}

/** How many stamps an amount gives together with what was carried over, and what is still missing for the next. */
export function earnedBy(cents: number, carriedCents: number, program: Program): { count: number; missingCents: number } {
  const each = program.rules.cents_per_stamp ?? 0;
  if (each <= 0) return { count: 0, missingCents: 0 };
  const sum = cents + carriedCents;
  return { count: Math.floor(sum / each), missingCents: each - (sum % each) };
}

/** The longest amount a till takes: S/ 99 999.99. */
const WHOLE_DIGITS = 5;

/** An amount as it is typed, one key after another: whole soles, a point, two decimals. */
export function typeAmount(typed: string, key: string): string {
  if (key === 'back') return typed.slice(0, -1);
  const [whole = '', cents] = typed.split('.');
  if (key === '.') return cents === undefined ? `${whole || '0'}.` : typed;
  if (!/^\d$/.test(key)) return typed;
  if (cents !== undefined) return cents.length < 2 ? typed + key : typed;
  if (whole === '0') return key;
  return whole.length < WHOLE_DIGITS ? typed + key : typed;
}

export const centsOf = (typed: string): number => Math.round(Number(typed || '0') * 100);
