import { expect, test } from 'vitest';

import { readAddress } from './address';

const id = '0197a2b4-0000-7000-8000-000000000001';

test('her own link carries the holder token', () => {
  expect(readAddress(`/t/${id}`, '#h_abcdefghijklmnop')).toEqual({ card: id, token: 'h_abcdefghijklmnop', save: false });
});

test('a till’s QR carries a link to be used once', () => {
  expect(readAddress(`/t/${id.toUpperCase()}`, '#link=abc')).toEqual({ card: id, link: 'abc', save: false });
});

test('what is neither opens what this phone holds', () => {
  expect(readAddress('/t/mia', '')).toEqual({ card: undefined, save: false });
  expect(readAddress(`/t/${id}/`, '#premios')).toEqual({ card: id, save: false });
  expect(readAddress(`/t/${id}`, '#guardar')).toEqual({ card: id, save: true });
});
