import { expect, test } from 'vitest';
import { rotatingCode } from './rotating';

/** RFC 6238, appendix B, for SHA-1. */
const key_hex = Array.from('12345678901234567890', (letter) => letter.charCodeAt(0).toString(16)).join('');

test('one-time codes are those of the standard', async () => {
  expect(await rotatingCode({ prefix: 'Rx', key_hex }, 59_000)).toBe('Rx.30.94287082');
  expect(await rotatingCode({ prefix: 'Rx', key_hex }, 20_000_000_000_000)).toBe('Rx.19999999980.65353130');
});

const at = (ms: number) => rotatingCode({ prefix: 'R', key_hex }, ms);

test('a code stands for its half minute', async () => {
  expect(await at(1_790_000_010_000)).toBe(await at(1_790_000_039_999));
  expect(await at(1_790_000_010_000)).not.toBe(await at(1_790_000_040_000));
});

test('a key that is none makes no code', async () => {
  expect(await rotatingCode({ prefix: 'R', key_hex: '' }, 0)).toBeUndefined();
});
