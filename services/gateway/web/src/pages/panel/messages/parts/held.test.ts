import { expect, test } from 'vitest';

import type { HeldBy } from '../types';
import { heldText, oneStop } from './held';

const REASONS: HeldBy[] = ['budget', 'tier', 'quiet_hours', 'quality', 'not_approved', 'provider', 'off'];

test('each reason to wait is one sentence of its own, and a new one is a wait', () => {
  expect(new Set(REASONS.map((reason) => heldText(reason))).size).toBe(REASONS.length);
  expect(heldText('brand_new' as HeldBy)).toBe('Espera un momento. Sigue sola.');
});

test('what has nobody to write to yet begins when the night ends, and the rest goes on', () => {
  expect(heldText('quiet_hours', 9, true)).toMatch(/Empieza sola a las 9:00 a\.\sm\.$/);
  expect(heldText('quiet_hours', 9)).toMatch(/Sigue sola a las 9:00 a\.\sm\.$/);
  expect(heldText('budget', 9, true)).toBe(heldText('budget'));
});

test('a sentence that ends with a time has one stop', () => {
  expect(heldText('quiet_hours', 9).endsWith('..')).toBe(false);
  expect(oneStop('Sale a las 9:00 a. m.. Y ya.')).toBe('Sale a las 9:00 a. m. Y ya.');
  expect(oneStop('Sigue…')).toBe('Sigue…');
});
