import type { CardState, Reward } from '$lib/cardview';

/** True where what is shown is newer than what came: answers may overtake each other. */
export const fresherThan = (shown: CardState, came: CardState): boolean => shown.version > came.version;

/** How many of the stamps of the running cycle were not there before. */
export function grownBy(before: CardState, after: CardState): number {
  if (after.cycle > before.cycle) return after.stamps;
  return after.cycle === before.cycle ? Math.max(0, after.stamps - before.stamps) : 0;
}

/** The reward she is on the way to in the running cycle, and how far it is. */
export function nextReward(card: CardState, rewards: { at: number; title: string }[]): { title: string; missing: number } | undefined {
  const ahead = rewards.filter(({ at }) => at > card.stamps && at <= card.stamps_required);
  if (!ahead.length) return undefined;
  const nearest = ahead.reduce((best, reward) => (reward.at < best.at ? reward : best));
  return { title: nearest.title, missing: nearest.at - card.stamps };
}

/** A redeemed ticket stays in sight this long, torn, so that she sees what happened. */
const TORN_MS = 12 * 3_600_000;

const endOf = ({ expires_at }: Reward) => (expires_at ? Date.parse(expires_at) : Number.MAX_SAFE_INTEGER);

/** What lies on the counter as tickets: open ones, the soonest to expire first, then those just redeemed. */
export function tickets(rewards: Reward[], now: number): Reward[] {
  const open = rewards.filter((reward) => reward.state === 'open').toSorted((a, b) => endOf(a) - endOf(b) || Date.parse(a.unlocked_at) - Date.parse(b.unlocked_at));
  const torn = rewards.filter(({ state, redeemed_at }) => state === 'redeemed' && redeemed_at && now - Date.parse(redeemed_at) < TORN_MS);
  return [...open, ...torn];
}
