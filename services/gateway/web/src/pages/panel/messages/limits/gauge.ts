/** A rate drawn against its bound: the bound stands at two thirds, so that going over it can be seen. */
const BOUND_PLACE = 2 / 3;

/** Where a value stands on such a ruler, of one. */
export const onRuler = (value: number, bound: number): number => (bound > 0 ? Math.min(1, Math.max(0, (value / bound) * BOUND_PLACE)) : 0);

export { BOUND_PLACE };

/** How near to its bound a rate is: half is time to look. */
export function nearness(rate: number, bound: number): 'well' | 'near' | 'over' {
  if (rate >= bound) return 'over';
  return rate >= bound / 2 ? 'near' : 'well';
}

/** Of one; what has no end is never full. */
export const filled = (used: number, limit: number): number => (limit > 0 ? Math.min(1, Math.max(0, used / limit)) : 0);

/** The bounds of 7 days: how many may ask for no more, and how many may block. */
export const OPT_OUT_BOUND = 0.02;
export const BLOCK_BOUND = 0.005;

/** The days it takes to half the limit; undefined where it is not foreseeable. */
export const foreseeable = (days: number): number | undefined => (days >= 0 ? days : undefined);
