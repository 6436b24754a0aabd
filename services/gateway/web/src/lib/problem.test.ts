import { expect, test } from 'vitest';

import { localProblem, problemFrom, traceOf } from './problem';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const answered = (status: number, type = 'blank') => problemFrom(status, { type: `https://sello.pe/problems/${type}`, trace_id: TRACE });

test('what nobody foresaw has a trace to be told', () => {
  expect([traceOf(answered(500, 'internal')), traceOf(answered(502)), traceOf({ ...localProblem('internal'), trace_id: TRACE })]).toEqual([TRACE, TRACE, TRACE]);
});

test('what she can mend, and what passes by itself, has none', () => {
  expect([traceOf(answered(422, 'invalid')), traceOf(answered(409, 'conflict')), traceOf(answered(503, 'unavailable'))]).toEqual([undefined, undefined, undefined]);
  expect(traceOf({ ...localProblem('offline'), trace_id: TRACE })).toBeUndefined();
});
