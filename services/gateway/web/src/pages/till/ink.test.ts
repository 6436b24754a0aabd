import { expect, test } from 'vitest';

import { centsOf, earnedBy, inked, typeAmount } from './ink';
import type { Program } from './types';

const card = (stamps: number) => ({ id: 'c', stamps, stamps_required: 10, cycle: 1, total: stamps, version: 1 });
const bySoles = { rules: { cents_per_stamp: 2_000 } } as Program;
const typed = (keys: string) => [...keys].reduce(typeAmount, '');

test('a card fills, stays full, and begins anew with the next stamp', () => {
  expect(inked(card(3), 2)).toMatchObject({ stamps: 5, cycle: 1, total: 5 });
  expect(inked(card(9), 1)).toMatchObject({ stamps: 10, cycle: 1 });
  expect(inked(card(10), 1)).toMatchObject({ stamps: 1, cycle: 2 });
  expect(inked(card(9), 3)).toMatchObject({ stamps: 2, cycle: 2 });
});

test('soles become stamps, and the rest is carried over', () => {
  expect(earnedBy(4_500, 0, bySoles)).toEqual({ count: 2, missingCents: 1_500 });
  expect(earnedBy(500, 1_500, bySoles)).toEqual({ count: 1, missingCents: 2_000 });
  expect(earnedBy(100, 0, bySoles)).toEqual({ count: 0, missingCents: 1_900 });
});

test('an amount is typed as it is said', () => {
  expect(['25', '12.5', '12.505', '.5', '007', '1234567', '1..2'].map(typed)).toEqual(['25', '12.5', '12.50', '0.5', '7', '12345', '1.2']);
  expect(typeAmount('12.5', 'back')).toBe('12.');
  expect(['', '25', '12.', '12.5', '0.07', '1.15'].map(centsOf)).toEqual([0, 2_500, 1_200, 1_250, 7, 115]);
});
