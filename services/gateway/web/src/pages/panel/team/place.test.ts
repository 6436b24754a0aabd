import { expect, test } from 'vitest';

import { changesOf } from './place';

const BARRANCO = { id: '1', name: 'Barranco', address: 'Av. Grau 120' };

test('only what was changed of a location is sent', () => {
  expect(changesOf(BARRANCO, ' Barranco ', 'Av. Grau 120')).toEqual({});
  expect(changesOf(BARRANCO, 'Barranco 2', 'Av. Grau 120 ')).toEqual({ name: 'Barranco 2' });
  expect(changesOf({ ...BARRANCO, address: null }, 'Barranco', 'Av. Grau 9')).toEqual({ address: 'Av. Grau 9' });
});

test('an emptied address is taken away, and an emptied name is for the server to refuse', () => {
  expect(changesOf(BARRANCO, '', '')).toEqual({ name: '', address: '' });
  expect(changesOf({ ...BARRANCO, address: null }, 'Barranco', ' ')).toEqual({});
});
