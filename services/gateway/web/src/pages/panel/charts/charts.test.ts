import { expect, test } from 'vitest';

import type { DayFigures, HourFigures } from '../types';
import { toCsv } from './csv';
import { columns, heightScale, openHours, topOf, weeksOf } from './scale';

const hours = (busy: number[]): HourFigures[] => Array.from({ length: 24 }, (_, hour) => ({ hour, stamps: busy.includes(hour) ? 3 : 0, normal_low: 0, normal_high: 0 }));
const day = (date: string, stamps: number): DayFigures => ({ day: date, stamps, enrollments: 0, rewards_unlocked: 0, rewards_redeemed: 0, visitors: 0 });

test('the largest value reaches the top, and a single stamp does not', () => {
  expect(topOf([3, 17, 4])).toBe(17);
  expect(topOf([1])).toBe(4);
  expect(topOf([])).toBe(4);
});

test('heights begin at zero and never leave the drawing', () => {
  const y = heightScale(20, 100);
  expect([0, 10, 20, 40, -5].map(y)).toEqual([100, 50, 0, 0, 100]);
});

test('columns fill the width, and every point of it lies in one', () => {
  const across = columns(12, 360, 2);
  expect(across.start(0)).toBe(1);
  expect(across.start(11) + across.width).toBe(359);
  expect([-4, 0, 29.9, 30, 359, 900].map(across.under)).toEqual([0, 0, 0, 1, 11, 11]);
});

const shown = (busy: number[]) => openHours(hours(busy)).map((one) => one.hour);

test('only the hours of the shop are shown, eight at least, within the day', () => {
  expect(shown([7, 20])).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  expect(shown([12]).length).toBe(8);
  expect(shown([23])).toEqual([16, 17, 18, 19, 20, 21, 22, 23]);
  expect(shown([0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(shown([]).length).toBeGreaterThanOrEqual(8);
});

test('weeks begin on Monday, and their mean counts the days that are shown', () => {
  // 2026-11-21 is a Saturday.
  expect(weeksOf([day('2026-11-21', 2), day('2026-11-22', 4), day('2026-11-23', 9)])).toEqual([
    { from: 0, to: 1, mean: 3 },
    { from: 2, to: 2, mean: 9 },
  ]);
  expect(weeksOf([])).toEqual([]);
});

test('a table becomes CSV that spreadsheets read as it was meant', () => {
  const csv = toCsv({ head: ['Día', 'Sellos'], rows: [['2026-11-23', 4], ['dijo "hola", y se fue', null], ['a\nb', 0]] });
  expect(csv).toBe('\ufeffDía,Sellos\r\n2026-11-23,4\r\n"dijo ""hola"", y se fue",\r\n"a\nb",0\r\n');
});

test('a text that looks like a formula stays a text; a number below zero stays a number', () => {
  expect(toCsv({ head: ['x'], rows: [['=1+1'], ['@a'], ['-x'], [-3], [Number.NaN]] })).toBe("\ufeffx\r\n'=1+1\r\n'@a\r\n'-x\r\n-3\r\n\r\n");
});
