import { expect, test } from 'vitest';

import { readText, sightGate } from './code';

const CODE = 'AQGaFqWzcZKIt3Jhc0Xw9kAAAbJ-x2_kQm1z';
const UUID = '0199c1f2-7a31-7d40-9b7e-1f2a3b4c5d6e';

test('a card is read bare, and within an address of its page', () => {
  expect(CODE).toHaveLength(36);
  expect(readText(` ${CODE}\n`)).toEqual({ kind: 'card', code: CODE });
  expect(readText(`https://sello.pe/t/${UUID}#code=${CODE}`)).toEqual({ kind: 'card', code: CODE });
  expect(readText(`https://sello.pe/c/${CODE}`)).toEqual({ kind: 'card', code: CODE });
});

test('the id in an address is not taken for a code', () => {
  expect(readText(`https://sello.pe/t/${UUID}`)).toEqual({ kind: 'address' });
  expect(readText(`https://sello.pe/t/${UUID}#link=4Zr0mDqfQh1uVnR3m2y8qJtXw5bLkPsE7cGdA9oTzNi`)).toEqual({ kind: 'address' });
  expect(readText(UUID)).toEqual({ kind: 'stranger' });
});

test('a poster is an address; the rest of the world is a stranger', () => {
  expect(readText('https://sello.pe/unete/cafe-lucia')).toEqual({ kind: 'address' });
  for (const text of ['', 'hola', 'https://example.com/menu', 'WIFI:S:casa;T:WPA;P:x;;', '0002010102113944', CODE.slice(1), `${CODE}a`]) {
    expect(readText(text)).toEqual({ kind: 'stranger' });
  }
});

test('a pairing code comes from the panel as an address', () => {
  expect(readText('https://sello.pe/caja#par=7K3MQ2XA')).toEqual({ kind: 'pairing', code: '7K3MQ2XA' });
});

test('a code held before the camera counts once, until it was away for three seconds', () => {
  const lets = sightGate(3_000);
  expect([0, 100, 2_900, 5_000].map((now) => lets(CODE, now, true))).toEqual([true, false, false, false]);
  expect(lets('another', 5_100, true)).toBe(true);
  expect(lets(CODE, 8_100, true)).toBe(true);
});

test('the card that stays in sight while she is served is still the same; one that waits behind it comes next', () => {
  const lets = sightGate(3_000);
  expect(lets(CODE, 0, true)).toBe(true);
  expect([1_000, 3_500, 6_000].map((now) => lets(CODE, now, false))).toEqual([false, false, false]);
  expect(lets('next', 6_100, false)).toBe(false);
  expect(lets(CODE, 6_200, true)).toBe(false);
  expect(lets('next', 6_200, true)).toBe(true);
});
