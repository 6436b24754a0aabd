import { expect, test } from 'vitest';

import { draftOf, faultsOf, freshDraft, fullCost, inkOnPaper, moneyText, placesOf, readMoney, resized, toggled, toSend } from './draft';

test('amounts are read as people write them', () => {
  expect(['4', '4.5', '4,50', ' S/ 4.50', 's/12'].map(readMoney)).toEqual([400, 450, 450, 450, 1200]);
  expect(['', 'x', '4.505', '-1', '1e3'].map(readMoney)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect([450, 400, 5, null].map(moneyText)).toEqual(['4.50', '4', '0.05', '']);
});

test('a longer or shorter card keeps its last reward last and drops what no longer fits', () => {
  const draft = { ...freshDraft(), rewards: [5, 8, 10].map((at) => ({ at, title: `${at}`, cost: '' })), welcome: 6 };
  expect(resized(draft, 12).rewards.map((one) => one.at)).toEqual([5, 8, 12]);
  const short = resized(draft, 5);
  expect(short.rewards.map((one) => one.title)).toEqual(['5']);
  expect(short.welcome).toBe(4);
});

test('a place takes a reward and gives it back, six at most, in order', () => {
  const one = toggled(freshDraft(), 4);
  expect(one.rewards.map((each) => each.at)).toEqual([4, 10]);
  expect(toggled(one, 10).rewards.map((each) => each.at)).toEqual([4]);
  const full = [1, 2, 3, 4, 5, 6, 7, 8].reduce(toggled, freshDraft());
  expect(full.rewards).toHaveLength(6);
});

test('what is missing is named as the API names it', () => {
  expect(faultsOf(freshDraft())).toEqual({ name: 'nameMissing', 'rewards[0].title': 'titleMissing' });
  expect(faultsOf({ ...freshDraft(), name: 'x', rewards: [{ at: 3, title: 'y', cost: 'caro' }], spend: true, every: '0' })).toEqual({
    'rewards[0].cost_cents': 'moneyWrong',
    'rules.cents_per_stamp': 'moneyWrong',
  });
});

test('a program survives the way through the editor', () => {
  const sent = toSend({ ...freshDraft(), name: ' Café ', rewards: [{ at: 10, title: 'Uno', cost: '4,50' }], spend: true, every: '20' }, true);
  expect(sent).toMatchObject({ name: 'Café', rewards: [{ at: 10, title: 'Uno', cost_cents: 450 }], rules: { cents_per_stamp: 2000, expires_after_days: null }, active: true });
  expect(toSend(draftOf({ ...sent, id: '1', version: 1, created_at: '' }), true)).toEqual(sent);
});

test('a full card costs the sum of what is known', () => {
  expect(fullCost({ ...freshDraft(), rewards: [{ at: 5, title: 'a', cost: '1.50' }, { at: 10, title: 'b', cost: '' }] })).toBe(150);
});

test('a pale ink is darkened until it reads, a dark one left as it is', () => {
  expect(inkOnPaper('#f2c230', '#fbf6ea')).toMatchObject({ changed: true });
  expect(inkOnPaper('#f2c230', '#fbf6ea')!.ratio).toBeGreaterThanOrEqual(4.5);
  expect(inkOnPaper('#1f3a6b', '#fbf6ea')!.changed).toBe(false);
  expect(inkOnPaper('nope', '#fbf6ea')).toBeUndefined();
});

test('whatever the server may find wrong with what is sent has a place on the form', () => {
  const draft = { ...freshDraft(), name: 'x', rewards: [{ at: 5, title: 'a', cost: '' }, { at: 10, title: 'b', cost: '' }], spend: true };
  const { active: _, ...sent } = toSend(draft, true);
  const namesIn = (value: unknown, name: string): string[] => {
    if (typeof value !== 'object' || value === null) return [name];
    return Object.entries(value).flatMap(([key, inner]) => namesIn(inner, Array.isArray(value) ? `${name}[${key}]` : name ? `${name}.${key}` : key));
  };
  for (const name of namesIn(sent, '')) expect(placesOf(draft), name).toContain(name);
  expect(placesOf({ ...draft, spend: false })).not.toContain('rules.cents_per_stamp');
});
