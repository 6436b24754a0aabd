import { expect, test } from 'vitest';

import type { Preview } from '../types';
import { beyondTier, droppedByTier, reachOf } from './reach';

const preview = (more: Partial<Preview> = {}): Preview => ({
  count: 100,
  reachable: 60,
  excluded: { erased: 0, opted_out: 5, no_consent: 25, capped: 4, holdout: 6, no_pass: 0 },
  cost: { amount_cents: 1500, currency: 'PEN', prices_of: '2026-10-01' },
  by_wallet: 10,
  tier_left: 250,
  ...more,
});

test('everybody of the audience stands somewhere on the bar, and what is nothing does not', () => {
  const parts = reachOf(preview());
  expect(parts.map(({ name, n }) => [name, n])).toEqual([['reachable', 60], ['no_consent', 25], ['capped', 4], ['holdout', 6], ['opted_out', 5]]);
  expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  expect(reachOf(preview({ reachable: 0, excluded: { erased: 0, opted_out: 0, no_consent: 0, capped: 0, holdout: 0, no_pass: 0 } }))).toEqual([]);
});

test('of a campaign to wallets alone, those without one are told too, and the parts are the audience', () => {
  const parts = reachOf(preview({ reachable: 10, excluded: { erased: 0, opted_out: 5, no_consent: 25, capped: 4, holdout: 1, no_pass: 55 } }));
  expect(parts.map(({ name, n }) => [name, n])).toEqual([['reachable', 10], ['no_pass', 55], ['no_consent', 25], ['capped', 4], ['holdout', 1], ['opted_out', 5]]);
  expect(parts.reduce((sum, { n }) => sum + n, 0)).toBe(preview().count);
});

test('more than the tier lets through is told, and no limit is none', () => {
  expect(beyondTier(preview({ tier_left: 40 }), 'whatsapp')).toBe(20);
  expect(beyondTier(preview(), 'whatsapp')).toBe(0);
  expect(beyondTier(preview({ tier_left: null }), 'whatsapp')).toBe(0);
  expect(beyondTier(preview({ tier_left: -1 }), 'whatsapp')).toBe(0);
  expect(beyondTier(preview({ tier_left: 0 }), 'whatsapp')).toBe(60);
});

test('whoever has it in her wallet needs no place in the tier today', () => {
  expect(beyondTier(preview({ tier_left: 40 }), 'wallet_first')).toBe(10);
  expect(beyondTier(preview({ tier_left: 0 }), 'wallet')).toBe(0);
});

test('what does not fit into three days is told as not going out at all', () => {
  const many = preview({ reachable: 1000, tier_left: 150 });
  expect(droppedByTier(many, 'whatsapp', 250)).toBe(350);
  expect(droppedByTier(preview({ reachable: 650, tier_left: 150 }), 'whatsapp', 250)).toBe(0);
  expect(droppedByTier(many, 'whatsapp', 0)).toBe(0);
  expect(droppedByTier(many, 'whatsapp', undefined)).toBe(0);
  expect(droppedByTier(preview({ reachable: 1000, tier_left: null }), 'whatsapp', 250)).toBe(0);
});
