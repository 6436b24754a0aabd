import { expect, test } from 'vitest';

import type { Campaign } from '../types';
import { inOrder, isOn, isWritten, TRIGGERS, turningOn } from './order';

const of = (trigger: string) => ({ trigger }) as Campaign;

test('there is one of each kind, in the order a customer meets them', () => {
  const shuffled = [...TRIGGERS].toReversed().map(of);
  expect(inOrder(shuffled).map(({ trigger }) => trigger)).toEqual(TRIGGERS);
  expect(inOrder([of('never_heard_of'), of('birthday')]).map(({ trigger }) => trigger)).toEqual(['birthday']);
});

test('what was paused goes on, and what never ran is launched', () => {
  expect([turningOn({ status: 'paused' }), turningOn({ status: 'draft' }), turningOn({ status: 'canceled' })]).toEqual(['resume', 'launch', 'launch']);
  expect(isOn({ status: 'running' })).toBe(true);
  expect(isOn({ status: 'paused' })).toBe(false);
});

test('without words there is nothing to switch on', () => {
  expect(isWritten({ wordings: [] })).toBe(false);
  expect(isWritten({ wordings: [{ language: 'es', template: 'te_extranamos', variables: [] }] })).toBe(true);
});
