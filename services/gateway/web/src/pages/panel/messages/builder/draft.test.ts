import { describe, expect, test } from 'vitest';

import type { Campaign, Template } from '../types';
import { PRESETS } from './audience';
import { type Draft, draftOf, ending, faultsOf, freshDraft, lineAt, stepOf, stepsWith, toSend, usualFor, withTemplate } from './draft';
import { instantOf, isQuiet, wallClock } from './when';

const LIMA = 'America/Lima';
const NOW = Date.parse('2026-11-27T15:00:00Z');
const template = (more: Partial<Template> = {}): Template => ({
  name: 'te_extranamos',
  language: 'es',
  category: 'marketing',
  body: 'Hola {{1}}, te esperamos en {{2}}. {{3}}',
  variables: [{ name: 'nombre', sample: 'Rosa' }, { name: 'negocio', sample: 'Café' }, { name: 'oferta', sample: '2 por 1' }],
  status: 'approved',
  ...more,
});
const TEMPLATES = [template(), template({ language: 'en', body: 'Hi {{1}}', variables: [{ name: 'first name', sample: 'Rosa' }] }), template({ name: 'otra', status: 'pending' })];

const ready = (): Draft => {
  const draft = withTemplate({ ...freshDraft(PRESETS.away), name: 'Vuelve' }, TEMPLATES, 'te_extranamos');
  draft.variables.es![2] = 'Hoy, 2 por 1';
  return draft;
};

describe('a draft', () => {
  test('is sent whole, and comes back as it was', () => {
    const draft = { ...ready(), when: 'later' as const, day: '2026-12-01', time: '10:00' };
    const sent = toSend(draft, TEMPLATES, LIMA);
    expect(sent).toEqual({
      name: 'Vuelve',
      audience: { all: [{ days_since_visit: { min: 30 } }] },
      wordings: [
        { language: 'es', template: 'te_extranamos', variables: ['{first_name}', '{business}', 'Hoy, 2 por 1'] },
        { language: 'en', template: 'te_extranamos', variables: ['{first_name}'] },
      ],
      channel_policy: 'wallet_first',
      wallet_days: 3,
      holdout_percent: 10,
      scheduled_at: '2026-12-01T15:00:00.000Z',
    });
    const back = draftOf({ ...sent, campaign_id: 'c', status: 'draft' } as unknown as Campaign, LIMA);
    expect(back && toSend(back, TEMPLATES, LIMA)).toEqual(sent);
  });

  test('sent now has no time, whatever was typed before', () => {
    expect(toSend({ ...ready(), day: '2026-12-01' }, TEMPLATES, LIMA).scheduled_at).toBeNull();
  });

  test('without a holdout holds nobody back', () => {
    expect(toSend({ ...ready(), holdout: false }, TEMPLATES, LIMA).holdout_percent).toBe(0);
  });

  test('keeps a share that somebody else chose', () => {
    const back = draftOf({ ...toSend(ready(), TEMPLATES, LIMA), holdout_percent: 25 } as unknown as Campaign, LIMA)!;
    expect(toSend(back, TEMPLATES, LIMA).holdout_percent).toBe(25);
    expect(toSend({ ...back, holdout: false }, TEMPLATES, LIMA).holdout_percent).toBe(0);
  });

  test('that is ready has no fault, and each thing missing is one, by the name of its field', () => {
    expect(faultsOf(ready(), TEMPLATES, LIMA, NOW)).toEqual({});
    expect(faultsOf(freshDraft(), TEMPLATES, LIMA, NOW)).toEqual({ wordings: 'templateMissing', name: 'nameMissing' });
    expect(faultsOf(withTemplate({ ...ready(), name: '' }, TEMPLATES, 'te_extranamos'), TEMPLATES, LIMA, NOW)).toEqual({
      'wordings[0].variables[2]': 'variableMissing',
      name: 'nameMissing',
    });
    expect(faultsOf({ ...ready(), who: { match: 'all', lines: [{ not: false, is: { visits: {} } }] } }, TEMPLATES, LIMA, NOW)).toEqual({ 'audience[0]': 'rangeMissing' });
  });

  test('may not say more than a message takes, the longest of names included', () => {
    const draft = ready();
    draft.variables.es![2] = '{business} '.repeat(4).trim();
    expect(faultsOf(draft, TEMPLATES, LIMA, NOW)).toEqual({ 'wordings[0].variables[2]': 'variableLong' });
  });

  test('a template that is not approved cannot be sent', () => {
    expect(faultsOf(withTemplate(ready(), TEMPLATES, 'otra'), TEMPLATES, LIMA, NOW).wordings).toBe('templateMissing');
    const english = [template({ name: 'solo_ingles', language: 'en' })];
    expect(faultsOf(withTemplate(ready(), english, 'solo_ingles'), english, LIMA, NOW).wordings).toBe('templateMissing');
  });

  test('a time that has passed is refused, in the shop’s zone', () => {
    const [past, soon, never] = [['2026-11-27', '09:59'], ['2026-11-27', '10:01'], ['', '10:00']].map(
      ([day = '', time = '']) => faultsOf({ ...ready(), when: 'later', day, time }, TEMPLATES, LIMA, NOW).scheduled_at,
    );
    expect([past, soon, never]).toEqual(['whenPast', undefined, 'whenMissing']);
  });

  test('every fault leads to a screen', () => {
    const broken: Draft = { ...freshDraft(), when: 'later', who: { match: 'any', lines: [{ not: false, is: { joined: {} } }] } };
    expect([...stepsWith(faultsOf(broken, TEMPLATES, LIMA, NOW))]).toEqual(['who', 'what', 'when', 'check']);
    for (const field of Object.keys(toSend(ready(), TEMPLATES, LIMA))) expect(stepOf(field), field).toBeDefined();
    expect(stepOf('never_heard_of')).toBeUndefined();
    expect(['audience[2]', 'audience.all[1].visits.min', 'audience.any[0]', 'audience', 'name'].map(lineAt)).toEqual([2, 1, 0, undefined, undefined]);
  });

  test('variables that say what they are for fill themselves', () => {
    expect(['Nombre', 'first_name', 'sellos que faltan', 'stamps_left', 'sellos', 'premio', 'negocio', 'oferta'].map(usualFor)).toEqual([
      '{first_name}', '{first_name}', '{stamps_left}', '{stamps_left}', '{stamps}', '{reward}', '{business}', '',
    ]);
  });
});

describe('the last button', () => {
  test('sends what is new and leaves now, and schedules what leaves later', () => {
    for (const status of [undefined, 'draft'] as const) expect([ending(status, 'now'), ending(status, 'later')]).toEqual(['send', 'schedule']);
  });

  test('sends what was scheduled and shall leave now, and saves it where only its time or its words are others', () => {
    expect([ending('scheduled', 'now'), ending('scheduled', 'later')]).toEqual(['send', 'save']);
  });

  test('saves what is paused: it leaves when it is resumed', () => {
    expect([ending('paused', 'now'), ending('paused', 'later')]).toEqual(['save', 'save']);
  });
});

test('a language in which nothing was typed is left out, and one begun must be ended', () => {
  const both = [template(), template({ language: 'en' })];
  const draft = withTemplate({ ...freshDraft(), name: 'x' }, both, 'te_extranamos');
  draft.variables.es![2] = 'Hoy, 2 por 1';
  expect(toSend(draft, both, LIMA).wordings.map(({ language }) => language)).toEqual(['es']);
  expect(faultsOf(draft, both, LIMA, NOW)).toEqual({});
  draft.variables.en![0] = 'my friend';
  expect(faultsOf(draft, both, LIMA, NOW)).toEqual({ 'wordings[1].variables[2]': 'variableMissing' });
  draft.variables.en![2] = 'Two for one today';
  expect(toSend(draft, both, LIMA).wordings.map(({ language }) => language)).toEqual(['es', 'en']);
});

describe('clocks', () => {
  test('a wall clock in the zone is an instant, and back', () => {
    expect(instantOf('2026-12-01', '10:00', LIMA)).toBe('2026-12-01T15:00:00.000Z');
    expect(wallClock('2026-12-01T15:00:00Z', LIMA)).toEqual({ day: '2026-12-01', time: '10:00' });
    // Santiago is three hours behind in summer, four in winter.
    expect(instantOf('2026-12-01', '00:30', 'America/Santiago')).toBe('2026-12-01T03:30:00.000Z');
    expect(instantOf('2026-07-01', '23:30', 'America/Santiago')).toBe('2026-07-02T03:30:00.000Z');
    expect(instantOf('2026-13-45', '10:00', LIMA)).toBeUndefined();
    expect(instantOf('2026-12-01', '', LIMA)).toBeUndefined();
  });

  test('quiet hours go over midnight', () => {
    expect([20, 21, 23, 0, 8, 9].map((hour) => isQuiet(hour, 21, 9))).toEqual([false, true, true, true, true, false]);
    expect([12, 13, 15].map((hour) => isQuiet(hour, 13, 15))).toEqual([false, true, false]);
    expect(isQuiet(5, 0, 0)).toBe(false);
  });
});
