import { expect, test } from 'vitest';

import { countsOf, share } from './month';
import { progressOf } from './progress';

const figures = (more: object) => ({ sent: 0, delivered: 0, read: 0, failed: 0, opted_out: 0, cost_cents: 0, ...more });

test('each message of a month stands once on its bar', () => {
  const parts = progressOf(countsOf(figures({ sent: 100, delivered: 90, read: 60, failed: 4 })));
  expect(parts.map(({ name, n }) => [name, n])).toEqual([['read', 60], ['delivered', 30], ['sent', 10], ['failed', 4]]);
});

test('what is read on the first of the month may have left on the last of the one before', () => {
  expect(progressOf(countsOf(figures({ read: 3, delivered: 1 }))).map(({ name, n }) => [name, n])).toEqual([['read', 3]]);
  expect([share(3, 2), share(1, 4), share(0, 0)]).toEqual([1, 0.25, 0]);
});
