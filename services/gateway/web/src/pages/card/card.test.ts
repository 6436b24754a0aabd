import { expect, test } from 'vitest';

import type { CardState, Entry, Reward } from '$lib/cardview';
import { grownBy, nextReward, tickets } from './progress';
import { storyOf } from './below/story';

const card = (stamps: number, cycle = 1): CardState => ({ id: 'c', stamps, stamps_required: 10, cycle, total: stamps, version: stamps });
const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id,
  kind: 'earn',
  via: 'scan',
  count: 1,
  amount_cents: null,
  reverses_id: null,
  voided: false,
  occurred_at: '2026-03-01T15:00:00Z',
  ...more,
});
const reward = (id: string, more: Partial<Reward> = {}): Reward => ({
  id,
  title: 'Un café',
  at: 10,
  cycle: 1,
  state: 'open',
  unlocked_at: '2026-03-01T15:00:00Z',
  expires_at: null,
  redeemed_at: null,
  ...more,
});

test('the stamps that came since, also over the end of a card', () => {
  expect(grownBy(card(4), card(6))).toBe(2);
  expect(grownBy(card(10), card(1, 2))).toBe(1);
  expect(grownBy(card(4), card(3))).toBe(0);
});

test('the nearest reward ahead', () => {
  const rewards = [{ at: 10, title: 'café' }, { at: 5, title: 'galleta' }];
  expect(nextReward(card(4), rewards)).toEqual({ title: 'galleta', missing: 1 });
  expect(nextReward(card(5), rewards)).toEqual({ title: 'café', missing: 5 });
  expect(nextReward(card(10), rewards)).toBeUndefined();
});

test('tickets: the one that ends first is first, and an old redeemed one is gone', () => {
  const now = Date.parse('2026-03-02T00:00:00Z');
  const list = [
    reward('later'),
    reward('sooner', { expires_at: '2026-03-05T00:00:00Z' }),
    reward('torn', { state: 'redeemed', redeemed_at: '2026-03-01T20:00:00Z' }),
    reward('old', { state: 'redeemed', redeemed_at: '2026-02-01T20:00:00Z' }),
  ];
  expect(tickets(list, now).map(({ id }) => id)).toEqual(['sooner', 'later', 'torn']);
});

test('the story: an undone stamp says so once, and the reward stands above the stamp that won it', () => {
  const history = [entry('v', { kind: 'void', count: -1, reverses_id: 'a' }), entry('b'), entry('a', { voided: true, occurred_at: '2026-02-28T15:00:00Z' })];
  const story = storyOf({ history, rewards: [reward('r')] });
  expect(story.map(({ id, undone }) => [id, undone])).toEqual([
    ['r/unlocked', false],
    ['b', false],
    ['a', true],
  ]);
});
