import { expect, test } from 'vitest';

import { columnsFor, MOST_STAMPS } from './cardgrid';
import { soles } from './format';
import { inking } from './inking';
import { backoff } from './live';
import { caretAfter, formatPhone, phoneToSend } from './phone';
import { problemFrom } from './problem';
import { tornRight } from './torn';

test('a Peruvian number is shown in threes while it is typed', () => {
  expect(['9', '9876', '987654321', '9876543219', '+51987654321', '51987654321', '987-654 321'].map(formatPhone)).toEqual([
    '9', '987 6', '987 654 321', '987 654 321', '+51 987 654 321', '+51 987 654 321', '987 654 321',
  ]);
});

test('the start of a country is not fought', () => {
  expect(['+', '+5', '+51', '+56 9 6123 4567', '0056961234567'].map(formatPhone)).toEqual(['+', '+5', '+51', '+56 9 6123 4567', '+56961234567']);
});

test('formatting what is formatted changes nothing', () => {
  for (const typed of ['987 654 321', '+51 987 654 321', '+56 9 6123 4567', '']) expect(formatPhone(typed)).toBe(typed);
});

test('only a whole number is sent', () => {
  expect(['987 654 321', '+51 987 654 321', '+56 9 6123 4567'].map(phoneToSend)).toEqual(['+51987654321', '+51987654321', '+56961234567']);
  expect(['987 654 32', '123 456 789', '+51 987', '+1', ''].map(phoneToSend)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test('the caret stays behind the digit it was behind', () => {
  expect(caretAfter('987 654', 4)).toBe(5);
  expect(caretAfter('+51 9', 3)).toBe(3);
});

test('every card has even rows, none wider than six', () => {
  for (let count = 1; count <= MOST_STAMPS; count++) {
    const columns = columnsFor(count);
    expect(columns).toBeGreaterThanOrEqual(1);
    expect(columns).toBeLessThanOrEqual(6);
  }
  expect([1, 4, 5, 6, 7, 8, 9, 10, 12, 18, 20, 24, 30].map(columnsFor)).toEqual([1, 4, 5, 3, 4, 4, 3, 5, 4, 6, 5, 6, 6]);
});

test('a stamp looks the same for ever, and like no other', () => {
  expect(inking('a')).toEqual(inking('a'));
  expect(new Set(Array.from({ length: 200 }, (_, at) => inking(`card/${at}`).turn)).size).toBeGreaterThan(150);
  for (let at = 0; at < 200; at++) expect(Math.abs(inking(`${at}`).turn)).toBeLessThanOrEqual(13);
});

test('a torn edge is the same each time', () => {
  expect(tornRight('r1')).toBe(tornRight('r1'));
  expect(tornRight('r1')).not.toBe(tornRight('r2'));
});

test('waits grow and end at twenty seconds', () => {
  expect(backoff(0, 0)).toBe(250);
  expect(backoff(0, 1)).toBe(500);
  expect(backoff(30, 1)).toBe(20_000);
});

test('céntimos become soles', () => {
  expect(soles(1250)).toBe('S/\u00a012.50');
  expect(soles(0)).toBe('S/\u00a00.00');
});

test('a problem is read from whatever the answer holds', () => {
  expect(problemFrom(409, { type: 'https://sello.pe/problems/too-soon', title: 'x', until: '2026-01-01T00:00:00Z' })).toMatchObject({ kind: 'too-soon', status: 409, until: '2026-01-01T00:00:00Z' });
  for (const body of [undefined, null, 'no', 3, []]) expect(problemFrom(500, body)).toMatchObject({ status: 500, type: 'about:blank', kind: 'blank' });
});
