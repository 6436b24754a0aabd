import { expect, test } from 'vitest';

import { originOf } from './joining';

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
