import { expect, test } from 'vitest';

import type { Counts } from '../types';
import { actionsOf, isMoving, progressed, progressOf } from './progress';

const counts = (more: Partial<Counts> = {}): Counts => ({ planned: 100, holdout: 11, requested: 0, sent: 0, delivered: 0, read: 0, failed: 0, canceled: 0, ...more });

test('every planned message stands once on the bar, and those held back are not on it', () => {
  const parts = progressOf(counts({ requested: 10, sent: 75, delivered: 55, read: 25, failed: 5 }));
  expect(parts.map(({ name, n }) => [name, n])).toEqual([['read', 25], ['delivered', 30], ['sent', 20], ['waiting', 20], ['failed', 5]]);
  expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  expect(progressOf(counts({ planned: 0 }))).toEqual([]);
  // A count that ran ahead of the plan is no negative part.
  expect(progressOf(counts({ planned: 1, sent: 2, delivered: 2, read: 2 })).map(({ name }) => name)).toEqual(['read']);
});

test('a running campaign cannot be edited, and one that ended cannot be changed at all', () => {
  expect(actionsOf({ status: 'running', kind: 'blast' })).toEqual(['pause', 'cancel']);
  expect(actionsOf({ status: 'paused', kind: 'blast' })).toEqual(['resume', 'edit', 'cancel']);
  expect(actionsOf({ status: 'done', kind: 'blast' })).toEqual([]);
  expect(actionsOf({ status: 'running', kind: 'automation' })).toEqual(['pause']);
});

test('what may still move is looked at again', () => {
  expect(isMoving({ status: 'running', counts: counts() })).toBe(true);
  expect(isMoving({ status: 'done', counts: counts({ sent: 3 }) })).toBe(true);
  expect(isMoving({ status: 'done', counts: counts({ sent: 100, delivered: 100, read: 60 }) })).toBe(false);
  expect(isMoving({ status: 'draft', counts: counts() })).toBe(false);
});

test('an older word from the stream changes nothing', () => {
  const known = { version: 5, counts: counts({ read: 5 }) };
  expect(progressed(known, { version: 4, counts: counts({ read: 2 }) })).toBe(known);
  expect(progressed(known, { version: 6, counts: counts({ read: 9 }) })).toEqual({ version: 6, counts: counts({ read: 9 }) });
});
