import { expect, test } from 'vitest';

import { BOUND_PLACE, filled, foreseeable, nearness, onRuler, OPT_OUT_BOUND } from './gauge';

test('a rate stands before its bound or behind it, and never off the ruler', () => {
  expect(onRuler(OPT_OUT_BOUND, OPT_OUT_BOUND)).toBeCloseTo(BOUND_PLACE);
  expect(onRuler(0.01, OPT_OUT_BOUND)).toBeLessThan(BOUND_PLACE);
  expect(onRuler(0.5, OPT_OUT_BOUND)).toBe(1);
  expect(onRuler(-1, OPT_OUT_BOUND)).toBe(0);
});

test('half of the bound is time to look, the bound is too much', () => {
  expect([0, 0.0099, 0.01, 0.0199, 0.02, 0.5].map((rate) => nearness(rate, OPT_OUT_BOUND))).toEqual(['well', 'well', 'near', 'near', 'over', 'over']);
});

test('a limit of none is never full', () => {
  expect([filled(125, 250), filled(900, 250), filled(900, 0)]).toEqual([0.5, 1, 0]);
  expect([foreseeable(4), foreseeable(0), foreseeable(-1)]).toEqual([4, 0, undefined]);
});
