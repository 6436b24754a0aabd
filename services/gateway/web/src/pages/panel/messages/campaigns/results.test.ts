import { expect, test } from 'vitest';

import type { Results } from '../types';
import { oneDigit, rateOf, rulerFor, sayable } from './results';

const results = (more: Partial<Results> = {}): Results => ({
  counts: { planned: 90, holdout: 10, requested: 0, sent: 90, delivered: 90, read: 60, failed: 0, canceled: 0 },
  written: { customers: 90, came_back: 27 },
  holdout: { customers: 10, came_back: 2 },
  verdict: 'unknown',
  cost: { amount_cents: 2250, currency: 'PEN', prices_of: '2026-10-01' },
  opted_out: 1,
  ...more,
});

test('until it can be known, nothing is claimed', () => {
  expect(sayable(results({ known_after: '2026-12-11T00:00:00Z' }))).toBe('early');
  expect(sayable(results())).toBe('few');
  expect(sayable(results({ verdict: 'up' }))).toBe('few');
  expect(sayable(results({ verdict: 'up', lift: { low: 1, middle: 4, high: 7 } }))).toBe('up');
  expect(sayable(results({ verdict: 'none', lift: { low: -2, middle: 0, high: 2 } }))).toBe('none');
});

test('a ruler has zero on it, wherever the interval lies', () => {
  const right = rulerFor({ low: 2, middle: 5, high: 8 });
  expect([right.zero < right.low, right.low < right.middle, right.middle < right.high, right.high < 1]).toEqual([true, true, true, true]);
  const left = rulerFor({ low: -8, middle: -5, high: -2 });
  expect(left.high < left.zero && left.zero < 1 && left.low > 0).toBe(true);
  expect(rulerFor({ low: 0, middle: 0, high: 0 }).zero).toBeCloseTo(0.5);
});

test('of nobody, nobody came back', () => {
  expect(rateOf({ customers: 0, came_back: 0 })).toBe(0);
  expect(rateOf({ customers: 90, came_back: 27 })).toBeCloseTo(0.3);
  expect(oneDigit(3.24)).toBe(3.2);
});
