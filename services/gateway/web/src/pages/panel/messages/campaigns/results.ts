import type { Group, Interval, Results } from '../types';

/** Of one; of nobody, nothing. */
export const rateOf = ({ customers, came_back }: Group): number => (customers > 0 ? came_back / customers : 0);

/** A ruler that has both an interval and zero on it, with room at its ends. Answers places of one. */
export function rulerFor({ low, middle, high }: Interval): { zero: number; low: number; middle: number; high: number } {
  const from = Math.min(0, low);
  const to = Math.max(0, high);
  const room = (to - from || 1) * 0.08;
  const place = (value: number) => (value - from + room) / (to - from + 2 * room);
  return { zero: place(0), low: place(low), middle: place(middle), high: place(high) };
}

/** `3.2`: one digit is as much as such a number knows. */
export const oneDigit = (value: number): number => Math.round(value * 10) / 10;

/** What can be said: `early` has a day to wait for, `few` will never be known. */
export function sayable({ verdict, known_after, lift }: Results): 'early' | 'few' | 'up' | 'down' | 'none' {
  if (verdict === 'unknown' || (verdict !== 'none' && !lift)) return known_after ? 'early' : 'few';
  return verdict;
}
