import { expect, test } from 'vitest';

import { inTime, secondsLeft, UNDO_MS, type Undoable } from './undo';

const undoable = (id: string, until: number, busy = false): Undoable => ({ key: id, what: 'stamp', id, name: 'Ana', count: 1, until, busy });

test('sixty seconds are counted down to one', () => {
  expect([0, 1, 999, 1_000, 59_000, 59_999].map((now) => secondsLeft(UNDO_MS, now))).toEqual([60, 60, 60, 59, 1, 1]);
  expect(secondsLeft(UNDO_MS, UNDO_MS)).toBe(0);
  expect(secondsLeft(UNDO_MS, UNDO_MS + 5_000)).toBe(0);
});

test('the newest stands first, and what is late is gone', () => {
  expect(inTime([undoable('a', 100), undoable('b', 300), undoable('c', 200)], 100).map(({ id }) => id)).toEqual(['b', 'c']);
});

test('an undo on its way does not vanish at the last second', () => {
  expect(inTime([undoable('a', 100, true)], 500)).toHaveLength(1);
});
