import { expect, test } from 'vitest';

import { filledLength, insertAt, piecesOf, plainText, sample } from './wording';

const rosa = sample('Café Tostado', 'Un café gratis', 'es');
const template = { body: '*Hola {{1}}*\nTe faltan {{2}} para: {{3}}.', variables: [{ name: 'nombre', sample: 'Ana' }, { name: 'faltan', sample: '1 sello' }, { name: 'premio', sample: 'un pan' }] };

test('a message reads as it will on her phone', () => {
  expect(plainText(template, ['{first_name}', '{stamps_left} sellos', '{reward}'], rosa)).toBe('Hola Rosa Te faltan 3 sellos para: Un café gratis.');
});

test('what is not filled yet shows its sample, marked', () => {
  expect(piecesOf(template, ['{first_name}', ' '], rosa).filter(({ gap }) => gap).map(({ text }) => text)).toEqual(['1 sello', 'un pan']);
});

test('stars make bold, over the end of a variable too, and are not shown', () => {
  const pieces = piecesOf(template, ['{first_name}', 'x', 'y'], rosa);
  expect(pieces.filter(({ bold }) => bold).map(({ text }) => text).join('')).toBe('Hola Rosa');
  expect(pieces.some(({ text }) => text.includes('*'))).toBe(false);
});

test('words that nobody knows stay as they are', () => {
  expect(plainText({ body: '{{1}} {{9}}', variables: [] }, ['{toString} {nadie}'], rosa)).toBe('{toString} {nadie} …');
});

test('a word goes where the caret is, with room round it', () => {
  expect(insertAt('Hola', 'first_name', 4, 4)).toEqual({ text: 'Hola {first_name}', caret: 17 });
  expect(insertAt('Hola , ven', 'first_name', 5, 5).text).toBe('Hola {first_name}, ven');
  expect(insertAt('', 'reward', 0, 0).text).toBe('{reward}');
  expect(insertAt('tu premio ya', 'reward', 3, 9).text).toBe('tu {reward} ya');
});

test('a text is as long as the longest of names makes it', () => {
  expect(filledLength('Hola')).toBe(4);
  expect(filledLength('{first_name} en {business}')).toBe(164);
  expect(filledLength('{otro}')).toBe(6);
});
