import { describe, expect, test } from 'vitest';

import type { Audience } from '../types';
import { EVERYBODY, faultOf, fresh, isPreset, kindOf, KINDS, PRESETS, presetOf, readAudience, toAudience, type Who } from './audience';
import { countedText, lineOf, sentenceOf } from './sentence';

describe('an audience, built line by line', () => {
  test('is sent as the API wants it, without what was left empty', () => {
    const who: Who = {
      match: 'all',
      lines: [
        { not: false, is: { visits: { min: 2, max: undefined, days: 30 } } },
        { not: true, is: { joined: { from: '2026-01-01', to: '' } } },
      ],
    };
    expect(toAudience(who)).toEqual({ all: [{ visits: { min: 2, days: 30 } }, { not: { joined: { from: '2026-01-01' } } }] });
    expect(toAudience({ ...who, match: 'any' })).toHaveProperty('any');
  });

  test('of no lines is everybody, and never any of none, which is nobody', () => {
    expect(toAudience(EVERYBODY)).toEqual({ all: [] });
    expect(toAudience({ match: 'any', lines: [] })).toEqual({ all: [] });
  });

  test('comes back from the server as it was built', () => {
    for (const match of ['all', 'any'] as const) {
      const who: Who = { match, lines: KINDS.map((kind, at) => ({ not: at % 2 === 1, is: fresh(kind, 'place') })) };
      const sent = toAudience(who);
      const read = readAudience(JSON.parse(JSON.stringify(sent)) as Audience);
      expect(read?.match).toBe(match);
      expect(read && toAudience(read)).toEqual(sent);
    }
    expect(readAudience({ at_risk: {} })).toEqual({ match: 'all', lines: [{ not: false, is: { at_risk: {} } }] });
  });

  test('that is built deeper than the page shows is not taken apart', () => {
    expect(readAudience({ all: [{ any: [{ at_risk: {} }] }] })).toBeUndefined();
    expect(readAudience({ not: { not: { at_risk: {} } } })).toBeUndefined();
    expect(readAudience({ any: [] })).toBeUndefined();
  });

  test('is called by its preset until it is changed', () => {
    for (const [name, who] of Object.entries(PRESETS)) expect(presetOf(who)).toBe(name);
    expect(presetOf({ match: 'all', lines: [{ not: false, is: { days_since_visit: { min: 31 } } }] })).toBeUndefined();
    expect([isPreset('away'), isPreset('toString'), isPreset(null)]).toEqual([true, false, false]);
  });

  test('knows what its lines lack', () => {
    expect(faultOf({ visits: { days: 30 } })).toBe('rangeMissing');
    expect(faultOf({ stamps_left: { min: 3, max: 2 } })).toBe('rangeTurned');
    expect(faultOf({ stamps_left: { min: 0, max: 0 } })).toBeUndefined();
    expect(faultOf({ joined: { from: '', to: '' } })).toBe('datesMissing');
    expect(faultOf({ joined: { from: '2026-02-01', to: '2026-01-01' } })).toBe('datesTurned');
    expect(faultOf({ location: { location_id: '' } })).toBe('placeMissing');
    for (const kind of KINDS) if (kind !== 'joined' && kind !== 'location') expect(faultOf(fresh(kind)), kind).toBeUndefined();
  });

  test('each kind makes a condition of its kind', () => {
    for (const kind of KINDS) expect(kindOf(fresh(kind))).toBe(kind);
  });
});

describe('an audience, read aloud', () => {
  test('names the usual ones', () => {
    const said = Object.fromEntries(Object.entries(PRESETS).map(([name, who]) => [name, sentenceOf(toAudience(who))]));
    expect(said).toEqual({
      everybody: 'Todos tus clientes',
      away: 'Clientes que no vienen hace 30 días o más',
      at_risk: 'Clientes que están en riesgo de no volver',
      one_left: 'Clientes que están a 1 sello de llenar su tarjeta',
      reward: 'Clientes que tienen un premio sin canjear',
      birthday: 'Clientes que cumplen años este mes',
    });
  });

  test('counts them', () => {
    expect(countedText(124, toAudience(PRESETS.away))).toBe('124 clientes que no vienen hace 30 días o más');
    expect(countedText(1, { all: [] })).toBe('1 cliente');
  });

  test('joins with y and with o, and keeps groups apart', () => {
    const at_risk: Audience = { at_risk: {} };
    const es: Audience = { language: { language: 'es' } };
    expect(sentenceOf({ all: [at_risk, es] })).toBe('Clientes que están en riesgo de no volver y leen en español');
    expect(sentenceOf({ any: [at_risk, es] })).toBe('Clientes que están en riesgo de no volver o leen en español');
    expect(sentenceOf({ all: [es, { any: [at_risk, { birthday_month: { month: 3 } }] }] })).toBe(
      'Clientes que leen en español y (están en riesgo de no volver o cumplen años en marzo)',
    );
    expect(sentenceOf({ not: { any: [at_risk, es] } })).toBe('Clientes que no cumplen que (están en riesgo de no volver o leen en español)');
  });

  test('a line says its numbers, one and many, both ways', () => {
    expect(lineOf({ visits: { min: 3, days: 30 } }, false)).toBe('Vinieron 3 veces o más en los últimos 30 días');
    expect(lineOf({ visits: { min: 1, max: 1 } }, true)).toBe('No vinieron 1 vez en total');
    expect(lineOf({ visits: { min: 2, max: 9, days: 1 } }, false)).toBe('Vinieron entre 2 y 9 veces en el último día');
    expect(lineOf({ days_since_visit: { max: 7 } }, false)).toBe('Vinieron en los últimos 7 días');
    expect(lineOf({ days_since_visit: { min: 30 } }, true)).toBe('Vinieron hace menos de 30 días');
    expect(lineOf({ days_since_visit: { min: 30, max: 60 } }, false)).toBe('Vinieron por última vez hace entre 30 y 60 días');
    expect(lineOf({ stamps_left: { max: 2 } }, false)).toBe('Están a 2 sellos o menos de llenar su tarjeta');
    expect(lineOf({ reward_open: { expires_within_days: 7 } }, false)).toBe('Tienen un premio que vence en 7 días o antes');
    expect(lineOf({ location: { location_id: 'p' } }, true, () => 'Miraflores')).toBe('No se unieron en Miraflores');
    expect(lineOf({ location: { location_id: 'gone' } }, false)).toBe('Se unieron en un local');
    expect(lineOf({ joined: { from: '2020-01-01', to: '2020-02-01' } }, false)).toBe('Se unieron entre el 1 de enero de 2020 y el 1 de febrero de 2020');
  });
});
