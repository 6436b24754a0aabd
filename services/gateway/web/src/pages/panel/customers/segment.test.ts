import { expect, test } from 'vitest';

import { listAddress, segmentIn, SEGMENTS } from './segment';

const asked = (address: string) => segmentIn(new URL(address, 'https://sello.pe').searchParams);

test('a filter is kept in the address, beside what is searched', () => {
  expect(listAddress('', undefined)).toBe('/panel/clientes');
  expect(listAddress('', 'at_risk')).toBe('/panel/clientes?segment=at_risk');
  expect(listAddress('ana & luz', 'new')).toBe('/panel/clientes?q=ana+%26+luz&segment=new');
  for (const segment of SEGMENTS) expect(asked(listAddress('ana', segment))).toBe(segment);
});

test('an unknown filter in the address shows all', () => {
  expect(asked('/panel/clientes?segment=moon')).toBeUndefined();
  expect(asked('/panel/clientes?segment=')).toBeUndefined();
  expect(asked('/panel/clientes')).toBeUndefined();
});
