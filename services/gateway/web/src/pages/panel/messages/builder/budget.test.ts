import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import type { Preview } from '../types';
import { AT_HOME_CENTS, daysFrom, leftThisMonth, shortOf, usable } from './budget';

const LIMA = 'America/Lima';
const NIGHT = { quiet_from_hour: 21, quiet_until_hour: 9 };
/** Ten in the morning in Lima, on the tenth. */
const TEN = Date.parse('2026-11-10T15:00:00Z');
const HOUR_MS = 3_600_000;

const at = (more: object = {}) => ({ start: TEN, now: TEN, zone: LIMA, ...more });
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

describe('of a budget, advertising', () => {
  test('leaves a twentieth to answers and notices, rounded up, and others use all of it', () => {
    expect([2_000, 2_001, 10_000].map((budget) => usable(budget))).toEqual([1_900, 1_900, 9_500]);
    expect([2_000, 2_001].map((budget) => usable(budget, 'utility'))).toEqual([2_000, 2_001]);
  });

  test('is left one message at home where that is all there is, and nothing beside it is hers', () => {
    expect([0, 1, 28, 29, 30, 31, 580].map((budget) => usable(budget))).toEqual([0, 1, 28, 29, 29, 29, 551]);
    const price = readFileSync(new URL('../../../../../../../messaging/src/domain/price.rs', import.meta.url), 'utf8');
    expect(price).toContain(`cents(Market::PERU), [${AT_HOME_CENTS}, `);
  });

  test('has of a month what is not spent, and never less than nothing', () => {
    expect(leftThisMonth(account({ monthly_spent_cents: 94_000 }))).toBe(1_000);
    expect(leftThisMonth(account({ monthly_spent_cents: 94_000 }), 'utility')).toBe(6_000);
    expect(leftThisMonth(account({ monthly_spent_cents: 98_000 }))).toBe(0);
  });
});

describe('a budget', () => {
  test('that is enough says nothing', () => {
    expect(shortOf(preview(), 'whatsapp', account({ daily_budget_cents: 7_369 }), at())).toBeUndefined();
    expect(shortOf(preview(), 'whatsapp', account({ daily_budget_cents: 7_368 }), at())?.fits).toBe(996);
    expect(shortOf(preview(), 'wallet', account({ daily_budget_cents: 0 }), at())).toBeUndefined();
    expect(shortOf(preview({ reachable: 0, cost: { amount_cents: 0, currency: 'PEN', prices_of: '' } }), 'whatsapp', account(), at())).toBeUndefined();
  });

  test('of a day goes as far as four of them go, and what is spent today is gone', () => {
    expect(shortOf(preview(), 'whatsapp', account(), at())).toEqual({ fits: 268, of: 1_000, by: 'day', left: 95_000 });
    expect(shortOf(preview(), 'whatsapp', account({ daily_spent_cents: 2_000 }), at())).toEqual({ fits: 201, of: 1_000, by: 'day', left: 95_000 });
    // What begins tomorrow has all of its first day.
    expect(shortOf(preview(), 'whatsapp', account({ daily_spent_cents: 2_000 }), at({ start: TEN + 24 * HOUR_MS }))?.fits).toBe(268);
  });

  test('of a month ends it where the days would have been enough', () => {
    const enough = { daily_budget_cents: 10_000, monthly_spent_cents: 81_000 };
    expect(shortOf(preview(), 'whatsapp', account(enough), at())).toEqual({ fits: 500, of: 1_000, by: 'month', left: 14_000 });
    // On the last two days of a month the next one's money is near.
    const late = Date.parse('2026-11-29T15:00:00Z');
    expect(shortOf(preview(), 'whatsapp', account(enough), at({ start: late, now: late }))).toBeUndefined();
    expect(shortOf(preview(), 'whatsapp', account({ ...enough, monthly_spent_cents: 200_000 }), at())).toEqual({ fits: 0, of: 1_000, by: 'month', left: 0 });
  });

  test('that has only what is kept left is enough for notices and for no advertising', () => {
    const spent = account({ daily_budget_cents: 100_000, monthly_spent_cents: 95_000 });
    expect(shortOf(preview(), 'whatsapp', spent, at())).toEqual({ fits: 0, of: 1_000, by: 'month', left: 0 });
    expect(shortOf(preview(), 'whatsapp', spent, at({ category: 'utility' }))).toEqual({ fits: 178, of: 1_000, by: 'month', left: 5_000 });
  });

  test('need not be enough at once for whom the wallet comes first to', () => {
    expect(shortOf(preview({ by_wallet: 800 }), 'wallet_first', account(), at())).toBeUndefined();
    expect(shortOf(preview({ by_wallet: 600 }), 'wallet_first', account(), at())).toEqual({ fits: 268, of: 400, by: 'day', left: 95_000 });
  });
});
