import { expect, test } from 'vitest';

import { chooseLang, fill, texts, translator } from './i18n';

test('the address wins over the choice, the choice over the browser, and in doubt it is Spanish', () => {
  expect(chooseLang('en', 'es', 'es-PE')).toBe('en');
  expect(chooseLang(null, 'en', 'es-PE')).toBe('en');
  expect(chooseLang(null, null, 'en-GB')).toBe('en');
  expect(chooseLang('fr', 'xx', 'fr')).toBe('es');
  expect(chooseLang(null, null, undefined)).toBe('es');
});

test('arguments go in, and numbers are written as the language does', () => {
  expect(fill('Hola, {name}. {count} sellos.', { name: 'Rosa', count: 12345 }, 'es-PE')).toBe('Hola, Rosa. 12,345 sellos.');
  expect(fill('{what}', {}, 'es-PE')).toBe('{what}');
});

test('one and many', () => {
  const entry = { one: 'Te falta {n} sello.', other: 'Te faltan {n} sellos.' };
  expect(fill(entry, { n: 1 }, 'es-PE')).toBe('Te falta 1 sello.');
  expect(fill(entry, { n: 6 }, 'es-PE')).toBe('Te faltan 6 sellos.');
});

test('a page may say a shared text its own way', () => {
  const t = translator(texts({ save: { es: 'Guardar', en: 'Save' } }), texts({ save: { es: 'Guardarla', en: 'Keep it' } }));
  expect(t('save')).toBe('Guardarla');
});
