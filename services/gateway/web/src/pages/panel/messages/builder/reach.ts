import type { Excluded, Preview } from '../types';

/** Why the others are not written to, in the order it is told: what she can do something about first. */
export const WHY_NOT = ['no_consent', 'capped', 'holdout', 'opted_out', 'erased'] as const satisfies (keyof Excluded)[];

export type WhyNot = (typeof WHY_NOT)[number];

export interface Share<Name extends string> {
  name: Name;
  n: number;
  /** Of one. */
  share: number;
}

/** Parts as shares of a whole; what is nothing is left out. */
export function shares<Name extends string>(parts: (readonly [Name, number])[]): Share<Name>[] {
  const whole = parts.reduce((sum, [, n]) => sum + Math.max(0, n), 0);
  return parts.filter(([, n]) => n > 0).map(([name, n]) => ({ name, n, share: n / whole }));
}

/** Who is written to and who is not, and why. */
export const reachOf = ({ reachable, excluded }: Preview): Share<'reachable' | WhyNot>[] =>
  shares([['reachable', reachable], ...WHY_NOT.map((why) => [why, excluded[why] ?? 0] as const)]);

/** How many more than today's tier lets through; 0 where all can go today. */
export function beyondTier({ reachable, tier_left }: Preview): number {
  return tier_left === null || tier_left === undefined || tier_left < 0 ? 0 : Math.max(0, reachable - tier_left);
}
