import { expect, test } from 'vitest';

import type { Message } from '../types';
import { byDay, isFollowed, merged, minutesLeft, windowOf } from './window';

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

test('an answer is followed until it is read, and not for ever', () => {
  const answer = (status: string, created_at = '2026-11-27T14:59:00Z'): Message => ({ ...message('d', created_at), direction: 'out', status });
  expect(isFollowed([answer('waiting')], NOW)).toBe(true);
  expect(isFollowed([answer('delivered')], NOW)).toBe(true);
  expect(isFollowed([answer('read')], NOW)).toBe(false);
  expect(isFollowed([answer('delivered', '2026-11-27T10:00:00Z')], NOW)).toBe(false);
  expect(isFollowed([message('e', '2026-11-27T14:59:00Z')], NOW)).toBe(false);
});
