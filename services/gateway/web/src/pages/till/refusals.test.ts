import { expect, test } from 'vitest';

import { refusalText, refusalTone, untilWhen } from './refusals';

const LIMA = 'America/Lima';
const NOW = new Date('2026-11-23T18:00:00Z'); // 1 p. m. in Lima

/** Every slug of the API that can reach a till. */
const SLUGS = [
  'invalid', 'malformed', 'unauthenticated', 'invalid-credentials', 'forbidden', 'not-found', 'conflict', 'limit-reached', 'operation-mismatch',
  'reward-not-open', 'already-voided', 'reward-redeemed', 'undo-too-late', 'scan-expired', 'code-invalid', 'code-revoked', 'program-inactive',
  'batch-signature', 'locked', 'rate-limited', 'too-large', 'unsupported', 'method', 'busy', 'unavailable', 'internal', 'offline', 'timeout',
];

test('every slug has its own sentence, without a number of HTTP and without shouting', () => {
  const unknown = refusalText({ kind: 'never-heard-of' });
  for (const kind of SLUGS) {
    const sentence = refusalText({ kind });
    expect(sentence, kind).toMatch(/\.$/);
    expect(sentence, kind).not.toMatch(/[!¡]|\b[45]\d\d\b/);
    if (kind !== 'internal') expect(sentence, kind).not.toBe(unknown);
  }
});

test('a limit says when it ends, by the clock of the shop', () => {
  const soon = { kind: 'limit-reached', reason: 'min_minutes_between', until: '2026-11-23T20:40:00Z' };
  expect(refusalText(soon, NOW, LIMA).replaceAll(/\s/g, ' ')).toBe('Hace poco recibió su sello. Puede volver a las 3:40 p. m.');
  expect(refusalText({ ...soon, until: null }, NOW, LIMA)).toBe('Hace poco recibió su sello. Puede volver en un rato.');
  expect(refusalText({ kind: 'limit-reached', reason: 'max_per_day', until: '2026-11-24T05:00:00Z' }, NOW, LIMA)).toBe('Ya tiene su sello de hoy; puede volver mañana.');
});

test('one o’clock is one, tomorrow is tomorrow, and further off is a date', () => {
  expect(untilWhen('2026-11-23T18:20:00Z', NOW, LIMA)).toMatch(/^a la 1:20/);
  expect(untilWhen('2026-11-24T05:00:00Z', NOW, LIMA)).toBe('mañana');
  expect(untilWhen('2026-11-26T15:00:00Z', NOW, LIMA)).toBe('el 26 de noviembre');
});

test('a reason nobody told us of falls back on its slug, an unknown slug on the words of the server', () => {
  expect(refusalText({ kind: 'reward-not-open', reason: 'brand_new' })).toBe(refusalText({ kind: 'reward-not-open' }));
  expect(refusalText({ kind: 'brand-new', detail: 'Lo que dice el servidor.' })).toBe('Lo que dice el servidor.');
  expect(refusalText({ kind: 'invalid', field: 'scan_id', reason: 'required' })).toBe('Para entregar un premio, escanea su tarjeta.');
});

test('a code that changes with time is told from one that was replaced', () => {
  const [replaced, passed, used] = [undefined, 'passed', 'used'].map((reason) => refusalText({ kind: 'code-revoked', reason, field: 'code' }));
  expect(passed).toMatch(/medio minuto/);
  expect(used).toMatch(/otra caja/);
  expect(new Set([replaced, passed, used]).size).toBe(3);
});

test('what is hers is amber, what is ours is red', () => {
  expect([refusalTone({ kind: 'limit-reached' }), refusalTone({ kind: 'internal' })]).toEqual(['amber', 'stop']);
});
