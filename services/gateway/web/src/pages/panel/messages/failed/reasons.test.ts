import { expect, test } from 'vitest';

import { byReason, reasonText } from './reasons';

/** As messaging names them; each is a sentence, and none shows its own word. */
const NAMED = ['no_consent', 'opted_out', 'budget', 'not_reachable', 'blocked', 'template', 'template_paused', 'template_rejected', 'policy', 'provider', 'in_doubt', 'expired', 'campaign_canceled', 'tier', 'window', 'window_closed', 'erased', 'rate', 'marketing_cap', 'no_marketing_there', 'experiment', 'sender', 'no_pass', 'gone'];

test('each reason of the server is a plain sentence', () => {
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

test('the most frequent reason comes first', () => {
  const items = ['blocked', 'provider', 'provider'].map((reason) => ({ reason }));
  expect(byReason(items)).toEqual([{ text: reasonText('provider'), n: 2 }, { text: reasonText('blocked'), n: 1 }]);
});
