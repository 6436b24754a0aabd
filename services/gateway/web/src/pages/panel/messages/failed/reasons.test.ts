import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { byReason, mayTryAgain, reasonText } from './reasons';

const service = (path: string) => readFileSync(new URL(`../../../../../../../${path}`, import.meta.url), 'utf8');
const messaging = service('messaging/src/domain/outcome.rs');

/** What messaging calls each reason, by its name in the source. */
const WORDS = new Map([...messaging.matchAll(/Self::(\w+) => "([a-z_]+)"/g)].map(([, name, word]) => [name!, word!]));
const wordsIn = (text: string | undefined) => [...(text ?? '').matchAll(/Self::(\w+)/g)].map(([, name]) => WORDS.get(name!)!);
const OF_WALLETS = [...service('wallet-pass/src/domain/message.rs').matchAll(/\("failed", "([a-z_]+)"\)/g)].map(([, word]) => word!);
/** All that a message may fail for; each is a sentence, and none shows its own word. `window` is of messages from before. */
const NAMED = [...new Set([...WORDS.values(), ...OF_WALLETS, 'no_pass', 'window'])];

test('each reason of the server is a plain sentence', () => {
  expect([WORDS.size, OF_WALLETS.length].every((found) => found > 3)).toBe(true);
  for (const reason of NAMED) {
    const said = reasonText(reason);
    expect(said, reason).toMatch(/^\p{Lu}.*\.$/u);
    expect(said, reason).not.toContain('_');
  }
  expect(new Set(NAMED.map((reason) => reasonText(reason))).size).toBe(NAMED.length);
});

test('one that this page does not know is told in the server’s words, else with its own', () => {
  expect(reasonText('brand_new', 'Algo nuevo pasó.')).toBe('Algo nuevo pasó.');
  expect(reasonText('brand_new')).toBe('No se pudo entregar (brand_new).');
  expect(reasonText('toString')).toBe('No se pudo entregar (toString).');
  expect([reasonText(null), reasonText('unknown')]).toEqual(Array(2).fill('WhatsApp no lo entregó y no dijo por qué.'));
});

test('whoever may not try again is not told to, and whoever may is told how', () => {
  const TRY = /int[eé]nta|de nuevo/i;
  for (const reason of NAMED) expect(reasonText(reason, null, false), reason).not.toMatch(TRY);
  const told = NAMED.filter((reason) => TRY.test(reasonText(reason, null, true)));
  expect(told).toEqual(expect.arrayContaining(['budget', 'tier', 'not_approved', 'quiet_hours', 'provider', 'template_paused']));
  expect(told.filter((reason) => !mayTryAgain(reason, 'marketing'))).toEqual([]);
});

describe('what may be tried again', () => {
  const person = wordsIn(/fn needs_a_person[\s\S]*?\n {4}\}/.exec(messaging)?.[0]);
  const again = /fn may_be_tried_again[\s\S]*?\n {4}\}/.exec(messaging)?.[0];
  const settled = wordsIn(/matches!\(self, ([^)]*)\) && is_marketing/.exec(again ?? '')?.[1]);
  const never = wordsIn([...(again ?? '').matchAll(/!matches!\(self, [^)]*\)|self != Self::\w+/g)].join());

  test.each(['marketing', 'utility'])('of %s is what messaging tries again', (category) => {
    expect([person.length, settled.length, never.length].every((found) => found > 0)).toBe(true);
    const may = person.filter((word) => !never.includes(word) && !(category === 'marketing' && settled.includes(word)));
    expect(NAMED.filter((word) => mayTryAgain(word, category)).toSorted()).toEqual(may.toSorted());
  });
});

test('the most frequent reason comes first', () => {
  const items = ['blocked', 'provider', 'provider'].map((reason) => ({ reason }));
  expect(byReason(items)).toEqual([{ text: reasonText('provider'), n: 2 }, { text: reasonText('blocked'), n: 1 }]);
});
