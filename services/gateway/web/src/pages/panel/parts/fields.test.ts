import { expect, test } from 'vitest';

import type { ApiProblem } from '$lib/problem';
import { elsewhere, errorOf } from './fields';

const problem = (more: Partial<ApiProblem>): ApiProblem => ({ kind: 'invalid', type: '', title: '', status: 422, ...more });
const OUT_OF_RANGE = { field: 'rules.max_per_day', reason: 'out_of_range' };

test('a problem with a field of the form is said beside it, and not again at the top', () => {
  const told = problem(OUT_OF_RANGE);
  expect(errorOf(told, 'rules.max_per_day')).toBe('El número está fuera de lo permitido.');
  expect(elsewhere(told, 'name', 'rules.max_per_day')).toBeUndefined();
});

test('one with a field that is not on the form is said at the top, with its name', () => {
  expect(elsewhere(problem(OUT_OF_RANGE), 'name')).toBe('El número está fuera de lo permitido. El dato es «rules.max_per_day».');
  expect(elsewhere(problem({ field: 'never.heard_of', detail: 'Algo no vale.' }))).toBe('Algo no vale. El dato es «never.heard_of».');
  expect(elsewhere(problem({ field: 'never.heard_of' }), 'name')).toBe('Hay un dato que revisar. El dato es «never.heard_of».');
});

test('one that names no field is said as it is, and no problem is no sentence', () => {
  expect(elsewhere(problem({ detail: 'Ya hay uno así.' }), 'name')).toBe('Ya hay uno así.');
  expect(elsewhere(problem({ kind: 'offline', status: 0 }))).toMatch(/^No hay internet/);
  expect(elsewhere(undefined, 'name')).toBeUndefined();
});
