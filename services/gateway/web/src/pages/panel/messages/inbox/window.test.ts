import { expect, test } from 'vitest';

import type { Message } from '../types';
import { byDay, merged, minutesLeft, windowOf } from './window';

const NOW = Date.parse('2026-11-27T15:00:00Z');
const message = (id: string, created_at: string): Message => ({ message_id: id, direction: 'in', category: '', text: id, status: 'received', created_at });

test('one may answer until the day is over, and not after', () => {
  expect(windowOf({ open_until: '2026-11-27T20:40:00Z' }, NOW)).toEqual({ open: true, until: '2026-11-27T20:40:00Z' });
  expect(windowOf({ open_until: '2026-11-27T15:00:00Z' }, NOW)).toEqual({ open: false });
  expect(windowOf({ open_until: null }, NOW)).toEqual({ open: false });
  expect(windowOf({}, NOW)).toEqual({ open: false });
});

test('the last hour is told by the minute', () => {
  expect(minutesLeft('2026-11-27T15:20:30Z', NOW)).toBe(20);
  expect(minutesLeft('2026-11-27T15:00:10Z', NOW)).toBe(1);
  expect(minutesLeft('2026-11-27T16:00:00Z', NOW)).toBeUndefined();
  expect(minutesLeft('2026-11-27T14:00:00Z', NOW)).toBeUndefined();
});

test('messages stand under their day, and one that comes twice stands once', () => {
  const a = message('a', '2026-11-26T10:00:00Z');
  const b = message('b', '2026-11-27T10:00:00Z');
  const c = message('c', '2026-11-27T11:00:00Z');
  expect(merged([a, c], [b, c]).map(({ message_id }) => message_id)).toEqual(['a', 'b', 'c']);
  expect(byDay([a, b, c], (at) => at.slice(0, 10)).map(({ day, messages }) => [day, messages.length])).toEqual([['2026-11-26', 1], ['2026-11-27', 2]]);
});
