import type { Account, Policy, Preview } from '../types';
import { byWhatsapp } from './reach';
import { isQuiet, wallClock } from './when';

/** Days that a message waits before it is given up. */
export const WAIT_DAYS = 3;

const DAY_MS = 86_400_000;

type Money = Pick<Account, 'daily_budget_cents' | 'daily_spent_cents' | 'monthly_budget_cents' | 'monthly_spent_cents' | 'quiet_from_hour' | 'quiet_until_hour'>;

/** What advertising costs at home, in céntimos a message. */
export const AT_HOME_CENTS = 29;

/**
 * How much of a budget a message of this category may use, in céntimos. Advertising leaves a twentieth to answers and notices; of a
 * budget of little more than one message, what one leaves over. What has no category yet will be advertising.
 */
export function usable(budget: number, category = 'marketing'): number {
  return category === 'marketing' ? budget - Math.max(0, Math.min(Math.ceil(budget / 20), budget - AT_HOME_CENTS)) : budget;
}

/** What of this month's budget is left for messages of a category, in céntimos. */
export const leftThisMonth = (account: Pick<Account, 'monthly_budget_cents' | 'monthly_spent_cents'>, category?: string): number =>
  Math.max(0, usable(account.monthly_budget_cents, category) - account.monthly_spent_cents);

export interface Short {
  /** About so many of `of` are written to before the rest is given up. */
  fits: number;
  of: number;
  /** Whose money ends first: the day's or the month's. */
  by: 'day' | 'month';
  /** What this month's budget has left for it, in céntimos. */
  left: number;
}

export interface Start {
  /** When it begins, and the present: both in milliseconds. */
  start: number;
  now: number;
  zone: string;
  category?: string | undefined;
}

/** The days on which what begins at `start` may go out, as clocks in the zone have them: the first and the last may be all night. */
export function daysFrom(start: number, zone: string, { quiet_from_hour: from, quiet_until_hour: until }: Pick<Money, 'quiet_from_hour' | 'quiet_until_hour'>): string[] {
  const [hour, minute] = wallClock(start, zone).time.split(':').map(Number) as [number, number];
  const isAwake = (low: number, high: number) => Array.from({ length: Math.max(0, high - low) }, (_, at) => low + at).some((one) => !isQuiet(one, from, until));
  return Array.from({ length: WAIT_DAYS + 1 }, (_, at) => at)
    .filter((at) => (at === 0 ? isAwake(hour, 24) : at < WAIT_DAYS || isAwake(0, minute > 0 ? hour + 1 : hour)))
    .map((at) => wallClock(start + at * DAY_MS, zone).day);
}

/**
 * How many of those who get it by WhatsApp at once the budget is enough for, until their messages are given up; undefined where it
 * is enough for all. What other campaigns spend meanwhile is not known here.
 */
export function shortOf(preview: Preview, policy: Policy, account: Money, { start, now, zone, category }: Start): Short | undefined {
  const of = byWhatsapp(preview, policy);
  const price = preview.reachable > 0 ? preview.cost.amount_cents / preview.reachable : 0;
  if (of === 0 || price <= 0) return undefined;
  const today = wallClock(now, zone).day;
  const [budgetOfDay, budgetOfMonth] = [usable(account.daily_budget_cents, category), usable(account.monthly_budget_cents, category)];
  const left = new Map([[today.slice(0, 7), budgetOfMonth - account.monthly_spent_cents]]);
  let [fits, byDays] = [0, 0];
  for (const day of daysFrom(start, zone, account)) {
    const month = day.slice(0, 7);
    const ofMonth = left.get(month) ?? budgetOfMonth;
    const ofDay = budgetOfDay - (day === today ? account.daily_spent_cents : 0);
    // A hair is added: so many times its price is what a whole number of messages costs.
    const messages = (cents: number) => Math.max(0, Math.floor(cents / price + 1e-9));
    const go = Math.min(of - fits, messages(Math.min(ofDay, ofMonth)));
    fits += go;
    byDays += messages(ofDay);
    left.set(month, ofMonth - go * price);
  }
  return fits < of ? { fits, of, by: byDays >= of ? 'month' : 'day', left: leftThisMonth(account, category) } : undefined;
}
