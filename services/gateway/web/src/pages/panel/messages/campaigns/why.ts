import { mayTryAgain, reasonText } from '../failed/reasons';
import type { Campaign, Failure } from '../types';

/** Days after it failed in which marketing may be tried again. */
const AGAIN_DAYS = 3;
const DAY_MS = 86_400_000;

/** One reason as it is drawn. */
export interface Why {
  text: string;
  n: number;
  /** Of the most frequent one, of one. */
  share: number;
}

/** The reasons in words, the most frequent first; those that are told alike are one. None says to try again: when each failed is not known here. */
export function whysOf(failures: Failure[]): Why[] {
  const counts = new Map<string, number>();
  for (const { reason, count } of failures) if (count > 0) counts.set(reasonText(reason), (counts.get(reasonText(reason)) ?? 0) + count);
  const most = Math.max(0, ...counts.values());
  return [...counts].map(([text, n]) => ({ text, n, share: n / most })).toSorted((a, b) => b.n - a.n);
}

/**
 * How many failed for what may be tried again; `late` where it is too late for all of them: a campaign ends no sooner than its last
 * message. When each failed is told where it is tried again.
 */
export function againOf(failures: Failure[], { category, status, ended_at }: Pick<Campaign, 'category' | 'status' | 'ended_at'>, now: number): number | 'late' {
  const n = failures.filter(({ reason }) => mayTryAgain(reason, category)).reduce((sum, { count }) => sum + count, 0);
  // What was called off stays so.
  if (n === 0 || status === 'canceled') return 0;
  return category === 'marketing' && ended_at && now - Date.parse(ended_at) > AGAIN_DAYS * DAY_MS ? 'late' : n;
}
