import { describe, expect, test } from 'vitest';

import { forgetOperation, operationOf } from './draft';
import { originOf, viewOf } from './joining';

test('the slug is the second part of the path, whatever follows it', () => {
  expect(originOf('/unete/cafe-tostado', '').slug).toBe('cafe-tostado');
  expect(originOf('/unete/Cafe-Tostado/', '').slug).toBe('cafe-tostado');
  expect(originOf('/unete/%E0%A4%A', '').slug).toBe('%E0%A4%A');
});

test('who invited her and the local go along; half a local does not', () => {
  const local = '0197a2b4-0000-7000-8000-000000000001';
  expect(originOf('/unete/x', `?r=AB12CD&l=${local}`)).toEqual({ slug: 'x', referral: 'AB12CD', location: local });
  expect(originOf('/unete/x', '?r=&l=0197a2')).toEqual({ slug: 'x', referral: undefined, location: undefined });
});

test('her new card opens on its own page with the links to wallets that came with it, and knows how old they are', () => {
  const card = { id: 'c', stamps: 0, stamps_required: 10, cycle: 1, total: 0, version: 1, code: 'x', holder_token: 'h', web_url: '/t/c', apple_url: null, google_url: '/wallet/google/x' };
  const program = { id: 'p', name: 'Café', stamps_required: 10, rewards: [], rules: {} };
  const before = Date.now();
  const view = viewOf({ customer_id: 'u', card, program, referral_url: '', marketing: 'no' }, { id: 'b', slug: 's', name: 'S', ruc: null, language: 'es' }, 'Rosa');
  expect(view).toMatchObject({ apple_url: null, google_url: '/wallet/google/x' });
  expect(view.told_at).toBeGreaterThanOrEqual(before);
});

describe('the id of a form', () => {
  const form = { name: 'Rosa', phone: '+51987654321' };

  test('stays while the form does, and is another for another form, another shop or the next time', () => {
    const id = operationOf('luna', form);
    expect(operationOf('luna', { ...form })).toBe(id);
    expect(operationOf('luna', { ...form, name: 'Rosita' })).not.toBe(id);
    expect(operationOf('sol', form)).not.toBe(id);
    const again = operationOf('luna', form);
    forgetOperation('luna');
    expect(operationOf('luna', form)).not.toBe(again);
  });
});
