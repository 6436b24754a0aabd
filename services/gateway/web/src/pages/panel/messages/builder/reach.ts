import type { Excluded, Policy, Preview } from '../types';

/** Why the others are not written to, in the order it is told: what she can do something about first. */
export const WHY_NOT = ['no_pass', 'no_consent', 'capped', 'holdout', 'opted_out', 'erased'] as const satisfies (keyof Excluded)[];

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

/** How many go by WhatsApp at once: of those whom the wallet comes first to, only who has none. */
export const byWhatsapp = ({ reachable, by_wallet }: Preview, policy: Policy): number =>
  policy === 'wallet' ? 0 : policy === 'wallet_first' ? Math.max(0, reachable - by_wallet) : reachable;

/** How many more than today's tier lets through; 0 where all can go today. */
export function beyondTier(preview: Preview, policy: Policy): number {
  const { tier_left } = preview;
  return tier_left === null || tier_left === undefined || tier_left < 0 ? 0 : Math.max(0, byWhatsapp(preview, policy) - tier_left);
}

/** Windows of 24 hours that a message waits through before it is given up; the first is today's, of which only what is left counts. */
const FURTHER_WINDOWS = 2;

/** How many the tier does not let through before their message is given up. `limit` is the tier's for 24 hours; 0 or less is none. */
export function droppedByTier(preview: Preview, policy: Policy, limit: number | undefined): number {
  return limit === undefined || limit <= 0 ? 0 : Math.max(0, beyondTier(preview, policy) - FURTHER_WINDOWS * limit);
}
