import { expect, test } from 'vitest';

import type { Counts } from '../types';
import { actionsOf, isMoving, isShown, progressed, progressOf } from './progress';

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
  expect(actionsOf({ status: 'running', kind: 'blast', editable: 'none' })).toEqual(['pause', 'cancel']);
  expect(actionsOf({ status: 'paused', kind: 'blast', editable: 'all' })).toEqual(['resume', 'edit', 'cancel']);
  expect(actionsOf({ status: 'done', kind: 'blast', editable: 'none' })).toEqual([]);
  expect(actionsOf({ status: 'running', kind: 'automation', editable: 'none' })).toEqual(['pause']);
});

test('of what is planned already only the name is changed', () => {
  expect(actionsOf({ status: 'paused', kind: 'blast', editable: 'name' })).toEqual(['resume', 'rename', 'cancel']);
  expect(actionsOf({ status: 'paused', kind: 'blast', editable: 'none' })).toEqual(['resume', 'cancel']);
});

test('a draft is removed, and an automation never is', () => {
  expect(actionsOf({ status: 'draft', kind: 'blast', editable: 'all' })).toEqual(['edit', 'remove']);
  expect(actionsOf({ status: 'draft', kind: 'automation', editable: 'all' })).toEqual(['edit']);
});

test('what was called off before it began is not among the others, and what wrote to somebody is', () => {
  expect(isShown({ status: 'canceled', launched_at: null })).toBe(false);
  expect(isShown({ status: 'canceled', launched_at: '2026-11-20T15:00:00Z' })).toBe(true);
  expect(isShown({ status: 'draft' })).toBe(true);
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
