import { describe, expect, test } from 'vitest';

import type { Preview } from '../types';
import { daysFrom, shortOf } from './budget';

const LIMA = 'America/Lima';
const NIGHT = { quiet_from_hour: 21, quiet_until_hour: 9 };
/** Ten in the morning in Lima, on the tenth. */
const TEN = Date.parse('2026-11-10T15:00:00Z');
const HOUR_MS = 3_600_000;

const account = (more: object = {}) => ({ daily_budget_cents: 2_000, daily_spent_cents: 0, monthly_budget_cents: 100_000, monthly_spent_cents: 0, ...NIGHT, ...more });
const preview = (more: Partial<Preview> = {}): Preview => ({
  count: 1_000,
  reachable: 1_000,
  excluded: { erased: 0, opted_out: 0, no_consent: 0, capped: 0, holdout: 0, no_pass: 0 },
  cost: { amount_cents: 28_000, currency: 'PEN', prices_of: '2026-10-01' },
  by_wallet: 0,
  tier_left: null,
  ...more,
});

describe('the days on which a message may still go out', () => {
  test('are today and the next three', () => {
    expect(daysFrom(TEN, LIMA, NIGHT)).toEqual(['2026-11-10', '2026-11-11', '2026-11-12', '2026-11-13']);
  });

  test('are three where what begins at night has nothing of its first day, or nothing of its last', () => {
    expect(daysFrom(TEN + 12 * HOUR_MS, LIMA, NIGHT)).toEqual(['2026-11-11', '2026-11-12', '2026-11-13']);
    expect(daysFrom(TEN - 2 * HOUR_MS, LIMA, NIGHT)).toEqual(['2026-11-10', '2026-11-11', '2026-11-12']);
    expect(daysFrom(TEN - HOUR_MS + 60_000, LIMA, NIGHT)).toHaveLength(4);
  });
});

describe('a budget', () => {
  test('that is enough says nothing', () => {
    expect(shortOf(preview(), 'whatsapp', account({ daily_budget_cents: 7_000 }), TEN, TEN, LIMA)).toBeUndefined();
    expect(shortOf(preview(), 'wallet', account({ daily_budget_cents: 0 }), TEN, TEN, LIMA)).toBeUndefined();
    expect(shortOf(preview({ reachable: 0, cost: { amount_cents: 0, currency: 'PEN', prices_of: '' } }), 'whatsapp', account(), TEN, TEN, LIMA)).toBeUndefined();
  });

  test('of a day goes as far as four of them go, and what is spent today is gone', () => {
    expect(shortOf(preview(), 'whatsapp', account(), TEN, TEN, LIMA)).toEqual({ fits: 284, of: 1_000, by: 'day' });
    expect(shortOf(preview(), 'whatsapp', account({ daily_spent_cents: 2_000 }), TEN, TEN, LIMA)).toEqual({ fits: 213, of: 1_000, by: 'day' });
    // What begins tomorrow has all of its first day.
    expect(shortOf(preview(), 'whatsapp', account({ daily_spent_cents: 2_000 }), TEN + 24 * HOUR_MS, TEN, LIMA)?.fits).toBe(284);
  });

  test('of a month ends it where the days would have been enough', () => {
    const enough = { daily_budget_cents: 10_000, monthly_spent_cents: 86_000 };
    expect(shortOf(preview(), 'whatsapp', account(enough), TEN, TEN, LIMA)).toEqual({ fits: 500, of: 1_000, by: 'month' });
    // On the last two days of a month the next one's money is near.
    const late = Date.parse('2026-11-29T15:00:00Z');
    expect(shortOf(preview(), 'whatsapp', account(enough), late, late, LIMA)).toBeUndefined();
    expect(shortOf(preview(), 'whatsapp', account({ ...enough, monthly_spent_cents: 200_000 }), TEN, TEN, LIMA)).toEqual({ fits: 0, of: 1_000, by: 'month' });
  });

  test('need not be enough at once for whom the wallet comes first to', () => {
    expect(shortOf(preview({ by_wallet: 800 }), 'wallet_first', account(), TEN, TEN, LIMA)).toBeUndefined();
    expect(shortOf(preview({ by_wallet: 600 }), 'wallet_first', account(), TEN, TEN, LIMA)).toEqual({ fits: 284, of: 400, by: 'day' });
  });
});
