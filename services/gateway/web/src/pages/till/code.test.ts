import { expect, test } from 'vitest';

import { readText, sightGate } from './code';

const CODE = 'AQGaFqWzcZKIt3Jhc0Xw9kAAAbJ-x2_kQm1z';
/** Of one card, in two half minutes. */
const ROTATING = 'RAQGaFqWzcZKIt3Jhc0Xw9kAAAQ.1795766400.04815162';
const ROTATED = 'RAQGaFqWzcZKIt3Jhc0Xw9kAAAQ.1795766430.34223108';
const UUID = '0199c1f2-7a31-7d40-9b7e-1f2a3b4c5d6e';

test('a card is read bare, and within an address of its page', () => {
  expect(CODE).toHaveLength(36);
  expect(readText(` ${CODE}\n`)).toEqual({ kind: 'card', code: CODE });
  expect(readText(`https://sello.pe/t/${UUID}#code=${CODE}`)).toEqual({ kind: 'card', code: CODE });
  expect(readText(`https://sello.pe/c/${CODE}`)).toEqual({ kind: 'card', code: CODE });
});

test('a code that changes with time is a card, bare and within an address', () => {
  expect(readText(` ${ROTATING}\n`)).toEqual({ kind: 'card', code: ROTATING });
  expect(readText(`https://sello.pe/c/${ROTATING}`)).toEqual({ kind: 'card', code: ROTATING });
  const broken = [ROTATING.slice(1), `R${ROTATING}`, ROTATING.replace('.', ''), ROTATING.slice(0, -1), `${ROTATING}0`, `${ROTATING}.1`];
  for (const text of broken) expect(readText(text), text).toEqual({ kind: 'stranger' });
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

test('a code that changes while it is held before the camera is the same card', () => {
  const lets = sightGate(3_000);
  expect(lets(ROTATING, 0, true)).toBe(true);
  expect(lets(ROTATING, 1_000, false)).toBe(false);
  expect(lets(ROTATED, 2_000, true)).toBe(false);
  expect(lets(ROTATED, 4_900, true)).toBe(false);
  expect(lets(ROTATED, 7_900, true)).toBe(true);
});

test('the card that stays in sight while she is served is still the same; one that waits behind it comes next', () => {
  const lets = sightGate(3_000);
  expect(lets(CODE, 0, true)).toBe(true);
  expect([1_000, 3_500, 6_000].map((now) => lets(CODE, now, false))).toEqual([false, false, false]);
  expect(lets('next', 6_100, false)).toBe(false);
  expect(lets(CODE, 6_200, true)).toBe(false);
  expect(lets('next', 6_200, true)).toBe(true);
});
