import { expect, test } from 'vitest';

const sources = import.meta.glob<string>(['../pages/**/*.{ts,svelte,html}', './**/*.{ts,svelte}', '!**/*.test.ts'], { query: '?raw', import: 'default', eager: true });

test('a till is linked by one word, on every page', () => {
  expect(Object.keys(sources).length).toBeGreaterThan(100);
  const others = Object.entries(sources).filter(([, text]) => /emparej|sincronic|enlazar? (?:la|una|esta) caja|nueva caja/i.test(text));
  expect(others.map(([path]) => path)).toEqual([]);
});
