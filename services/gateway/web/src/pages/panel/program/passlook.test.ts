import { expect, test } from 'vitest';

import { contrast } from '$lib/colour';
import { freshDraft } from './draft';
import { lookQuery, nextOf, passInks, sampleStamps } from './passlook';

test('words can be read on a pass, whatever was chosen', () => {
  for (const [ink, paper] of [['#f2c230', '#fbf6ea'], ['#ffffff', '#ffffff'], ['#2b2622', '#000000']] as const) {
    const inks = passInks(ink, paper);
    expect(contrast(inks.ink, inks.paper), ink).toBeGreaterThanOrEqual(4.5);
  }
});

test('a sample is a card under way, also where it begins with stamps or is short', () => {
  expect(sampleStamps({ required: 10, welcome: 0 })).toBe(3);
  expect(sampleStamps({ required: 3, welcome: 0 })).toBe(2);
  expect(sampleStamps({ required: 10, welcome: 5 })).toBe(5);
});

test('a look is asked for by all that changes the picture, and by nothing else', () => {
  const draft = freshDraft();
  expect(lookQuery(draft)).toBe('ink=%23a03a1c&paper=%23fbf6ea&stamp_shape=cup&stamps=3&stamps_required=10&reward_counts=10&scale=2');
  expect(lookQuery({ ...draft, rewards: [{ at: 10, title: 'otro', cost: '5' }] })).toBe(lookQuery(draft));
  expect(lookQuery({ ...draft, shape: 'leaf' })).not.toBe(lookQuery(draft));
});

test('the pass names the nearest reward ahead', () => {
  const rewards = [{ at: 2, title: 'a', cost: '' }, { at: 5, title: ' b ', cost: '' }, { at: 10, title: 'c', cost: '' }];
  expect(nextOf({ required: 10, welcome: 0, rewards })).toEqual({ title: 'b', missing: 2 });
  expect(nextOf({ required: 10, welcome: 0, rewards: [] })).toBeUndefined();
});
