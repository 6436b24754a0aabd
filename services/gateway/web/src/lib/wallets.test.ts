import { expect, test } from 'vitest';

import { linksFor, walletsOf } from './wallets';

const SAFARI = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

test('a phone is offered its own wallet and no other', () => {
  expect(walletsOf(`Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile`, 5)).toEqual(['google']);
  expect(walletsOf(`Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${SAFARI} Mobile/15E148 Safari/604.1`, 5)).toEqual(['apple']);
  expect(walletsOf('Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1', 5)).toEqual(['apple']);
});

test('an iPad that calls itself a Mac is an iPad', () => {
  expect(walletsOf(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Safari/605.1.15`, 5)).toEqual(['apple']);
  expect(walletsOf(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME}`, 5)).toEqual(['apple']);
});

test('Safari on a Mac takes a pass; any other computer is offered both', () => {
  expect(walletsOf(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Safari/605.1.15`, 0)).toEqual(['apple']);
  expect(walletsOf(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME}`, 0)).toEqual(['apple', 'google']);
  expect(walletsOf(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME}`, 0)).toEqual(['apple', 'google']);
});

test('a wallet without a link has no button, nor has one that an older answer says nothing of', () => {
  expect(linksFor(['apple', 'google'], { apple_url: null, google_url: 'https://sello.pe/wallet/google/x' })).toEqual([{ wallet: 'google', href: 'https://sello.pe/wallet/google/x' }]);
  expect(linksFor(['apple'], { apple_url: null, google_url: 'x' })).toEqual([]);
  expect(linksFor(['apple', 'google'], {})).toEqual([]);
});
