import { expect, test } from 'vitest';

import { reasonText } from '../failed/reasons';
import { againOf, whysOf } from './why';

const FAILURES = [{ reason: 'not_reachable', count: 30 }, { reason: 'provider', count: 6 }, { reason: 'in_doubt', count: 3 }];
const NOW = Date.parse('2026-11-28T15:00:00Z');
const campaign = (more: object = {}) => ({ category: 'marketing', status: 'done' as const, ended_at: '2026-11-28T09:00:00Z', ...more });

test('every reason is told with its number, the most frequent first and longest', () => {
  expect(whysOf(FAILURES.toReversed())).toEqual([
    { text: reasonText('not_reachable'), n: 30, share: 1 },
    { text: reasonText('provider'), n: 6, share: 0.2 },
    { text: reasonText('in_doubt'), n: 3, share: 0.1 },
  ]);
  expect(whysOf([])).toEqual([]);
});

test('reasons that are told alike are one', () => {
  expect(whysOf([{ reason: '', count: 2 }, { reason: 'unknown', count: 1 }, { reason: 'blocked', count: 0 }])).toEqual([{ text: reasonText(null), n: 3, share: 1 }]);
});

test('what may be tried again is counted, and what may have arrived is not', () => {
  expect(againOf(FAILURES, campaign(), NOW)).toBe(6);
  expect(againOf(FAILURES, campaign({ category: 'utility' }), NOW)).toBe(9);
  expect(againOf(FAILURES, campaign({ status: 'running', ended_at: null }), NOW)).toBe(6);
});

test('what waited in vain for money, room, an approval or the day may be tried again as well', () => {
  const waited = ['budget', 'tier', 'not_approved', 'quiet_hours'].map((reason) => ({ reason, count: 2 }));
  expect(againOf(waited, campaign(), NOW)).toBe(8);
  // However long ago they were asked for: a campaign ends with the last of them.
  expect(againOf(waited, campaign({ created_at: '2026-11-01T09:00:00Z', ended_at: '2026-11-25T15:01:00Z' }), NOW)).toBe(8);
  expect(whysOf(waited).filter(({ text }) => /de nuevo/.test(text))).toEqual([]);
});

test('three days after it ended, and of a campaign that was called off, nothing is', () => {
  expect(againOf(FAILURES, campaign({ ended_at: '2026-11-25T14:59:00Z' }), NOW)).toBe('late');
  expect(againOf(FAILURES, campaign({ status: 'canceled' }), NOW)).toBe(0);
  expect(againOf([{ reason: 'blocked', count: 9 }], campaign({ ended_at: '2026-01-01T00:00:00Z' }), NOW)).toBe(0);
});
