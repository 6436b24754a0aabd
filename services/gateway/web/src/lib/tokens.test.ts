import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { contrast, oklchToHex } from './colour';
import { SHEET } from './ink';

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

const ENOUGH = { text: 4.5, mark: 3 };
const OKLCH = /oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g;
const LINE = /^\s*--([\w-]+): (?:light-dark\()?oklch\([^/]*?;(?: \/\* (text|mark) on ([\w -]+) \*\/)?$/gm;

interface Token {
  name: string;
  light: string;
  dark: string;
  kind?: 'text' | 'mark';
  grounds: string[];
}

const tokens = new Map<string, Token>(
  [...css.matchAll(LINE)].map(([line, name = '', kind, grounds = '']) => {
    const shades = [...line.matchAll(OKLCH)].map(([, l, c, h]) => oklchToHex({ lightness: Number(l), chroma: Number(c), hue: Number(h) }));
    const [light = '', dark = light] = shades;
    return [name, { name, light, dark, kind: kind as Token['kind'], grounds: grounds.split(' ').filter(Boolean) }];
  }),
);

const pairs = [...tokens.values()].flatMap((token) => token.grounds.map((ground) => ({ token, ground })));

test('the tokens are found', () => {
  expect(tokens.size).toBeGreaterThan(20);
  expect(pairs.length).toBeGreaterThan(30);
});

test.each(pairs.map(({ token, ground }) => [`${token.name} on ${ground}`, token, ground] as const))('%s is readable in both themes', (_, token, name) => {
  const ground = tokens.get(name);
  if (!ground) throw new Error(`no ground --${name}`);
  const least = ENOUGH[token.kind ?? 'text'];
  expect(contrast(token.light, ground.light), 'light').toBeGreaterThanOrEqual(least);
  expect(contrast(token.dark, ground.dark), 'dark').toBeGreaterThanOrEqual(least);
});

test('the sheet that inks are computed for is the sheet of the tokens', () => {
  expect({ light: tokens.get('sheet')?.light, dark: tokens.get('sheet')?.dark }).toEqual(SHEET);
});

test('dark paper is never pure black', () => {
  for (const name of ['paper', 'sheet', 'sunk']) expect(tokens.get(name)?.dark).not.toBe('#000000');
});

test('type grows by 1.2', () => {
  const sizes = ['small', 'body', 'lead', 'title', 'head', 'display', 'poster'].map((step) => Number(new RegExp(`--text-${step}: ([\\d.]+)rem`).exec(css)?.[1]));
  for (const [at, size] of sizes.slice(1).entries()) expect(size / sizes[at]!).toBeCloseTo(1.2, 2);
});
