import { expect, test } from 'vitest';

import { logoAddress, logoProblemText, refusalOf, refusalText } from './logo';

const PNG = { size: 40_000, type: 'image/png' };

test('a picture that would be refused is not sent', () => {
  expect(refusalOf(PNG, { width: 512, height: 128 })).toBeUndefined();
  expect(refusalOf({ ...PNG, size: 2 * 1024 * 1024 + 1 })).toBe('too_large');
  expect(refusalOf({ ...PNG, type: 'image/webp' })).toBe('not_an_image');
  expect(refusalOf({ ...PNG, type: '' })).toBe('not_an_image');
  expect(refusalOf(PNG, { width: 512, height: 31 })).toBe('too_small');
  expect(refusalOf(PNG, { width: 4097, height: 400 })).toBe('too_many_pixels');
});

test('a drawing, or what this browser cannot read, is left to the server', () => {
  expect(refusalOf({ size: 900, type: 'image/svg+xml' })).toBeUndefined();
  expect(refusalOf(PNG, undefined)).toBeUndefined();
});

test('every reason of the server has a sentence that says what to do', () => {
  const reasons = ['too_large', 'not_an_image', 'too_small', 'too_many_pixels', 'animated', 'broken', 'blank', 'scripted', 'refers_outside', 'needs_fonts', 'has_text', 'has_picture', 'too_complex'];
  for (const reason of reasons) expect(refusalText(reason), reason).toMatch(/\.$/);
  const problem = { kind: 'invalid', type: '', title: '', status: 422, field: 'image' };
  expect(logoProblemText({ ...problem, reason: 'blank', detail: 'otra cosa' })).toBe('En la imagen no se ve nada. Elige otra.');
  expect(logoProblemText({ ...problem, reason: 'never_heard_of', detail: 'Algo no vale.' })).toBe('Algo no vale.');
});

test('another version is another address', () => {
  expect(logoAddress('0199', 'a/b')).toBe('/wallet/art/0199/a%2Fb/logo-0.png?scale=2');
});
