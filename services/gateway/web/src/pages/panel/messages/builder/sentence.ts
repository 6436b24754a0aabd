import { day, LIMA } from '$lib/format';
import { langTag, texts, translator } from '$lib/i18n';
import type { Audience, Condition, Range } from '../types';
import { isGiven } from './audience';

/** An audience as one reads it aloud: «Clientes que no vienen hace 30 días o más y que …». */

const words = texts({
  everybody: { es: 'Todos tus clientes', en: 'All your customers' },
  nobody: { es: 'Nadie', en: 'Nobody' },
  customersWho: { es: 'Clientes que {what}', en: 'Customers who {what}' },
  countedWho: { es: '{who} que {what}', en: '{who} who {what}' },
  group: { es: '({what})', en: '({what})' },
  notGroup: { es: 'no cumplen que ({what})', en: 'are not those who ({what})' },

  exactly: { es: '{n} {what}', en: '{n} {what}' },
  atLeast: { es: '{n} {what} o más', en: '{n} {what} or more' },
  atMost: { es: '{n} {what} o menos', en: '{n} {what} or fewer' },
  between: { es: 'entre {low} y {high} {what}', en: 'between {low} and {high} {what}' },

  visits: { es: 'vinieron {range} {span}', en: 'came {range} {span}' },
  visits_not: { es: 'no vinieron {range} {span}', en: 'did not come {range} {span}' },
  ever: { es: 'en total', en: 'in all' },
  lastDays: { es: { one: 'en el último día', other: 'en los últimos {n} días' }, en: { one: 'in the last day', other: 'in the last {n} days' } },

  away: { es: { one: 'no vienen hace {n} día o más', other: 'no vienen hace {n} días o más' }, en: { one: 'have not come for {n} day or more', other: 'have not come for {n} days or more' } },
  lately: { es: { one: 'vinieron en el último día', other: 'vinieron en los últimos {n} días' }, en: { one: 'came in the last day', other: 'came in the last {n} days' } },
  lately_not: { es: { one: 'no vinieron en el último día', other: 'no vinieron en los últimos {n} días' }, en: { one: 'did not come in the last day', other: 'did not come in the last {n} days' } },
  away_not: { es: { one: 'vinieron hace menos de {n} día', other: 'vinieron hace menos de {n} días' }, en: { one: 'came less than {n} day ago', other: 'came less than {n} days ago' } },
  lastCame: { es: 'vinieron por última vez hace {range}', en: 'last came {range} ago' },
  lastCame_not: { es: 'no vinieron por última vez hace {range}', en: 'did not last come {range} ago' },

  days_between_visits: { es: 'suelen venir cada {range}', en: 'usually come every {range}' },
  days_between_visits_not: { es: 'no suelen venir cada {range}', en: 'do not usually come every {range}' },
  stamps_left: { es: 'están a {range} de llenar su tarjeta', en: 'are {range} from filling their card' },
  stamps_left_not: { es: 'no están a {range} de llenar su tarjeta', en: 'are not {range} from filling their card' },
  reward_open: { es: 'tienen un premio sin canjear', en: 'have a reward to redeem' },
  reward_open_not: { es: 'no tienen ningún premio sin canjear', en: 'have no reward to redeem' },
  reward_soon: { es: { one: 'tienen un premio que vence en {n} día', other: 'tienen un premio que vence en {n} días o antes' }, en: { one: 'have a reward that expires within {n} day', other: 'have a reward that expires within {n} days' } },
  reward_soon_not: { es: { one: 'no tienen un premio que venza en {n} día', other: 'no tienen un premio que venza en {n} días o antes' }, en: { one: 'have no reward that expires within {n} day', other: 'have no reward that expires within {n} days' } },
  birthday_now: { es: 'cumplen años este mes', en: 'have their birthday this month' },
  birthday_now_not: { es: 'no cumplen años este mes', en: 'do not have their birthday this month' },
  birthday: { es: 'cumplen años en {month}', en: 'have their birthday in {month}' },
  birthday_not: { es: 'no cumplen años en {month}', en: 'do not have their birthday in {month}' },
  location: { es: 'se unieron en {place}', en: 'joined at {place}' },
  location_not: { es: 'no se unieron en {place}', en: 'did not join at {place}' },
  aPlace: { es: 'un local', en: 'a location' },
  joinedBetween: { es: 'se unieron entre el {from} y el {to}', en: 'joined between {from} and {to}' },
  joinedBetween_not: { es: 'no se unieron entre el {from} y el {to}', en: 'did not join between {from} and {to}' },
  joinedFrom: { es: 'se unieron desde el {from}', en: 'joined since {from}' },
  joinedFrom_not: { es: 'se unieron antes del {from}', en: 'joined before {from}' },
  joinedTo: { es: 'se unieron hasta el {to}', en: 'joined until {to}' },
  joinedTo_not: { es: 'se unieron después del {to}', en: 'joined after {to}' },
  language_es: { es: 'leen en español', en: 'read Spanish' },
  language_es_not: { es: 'no leen en español', en: 'do not read Spanish' },
  language_en: { es: 'leen en inglés', en: 'read English' },
  language_en_not: { es: 'no leen en inglés', en: 'do not read English' },
  at_risk: { es: 'están en riesgo de no volver', en: 'are at risk of not returning' },
  at_risk_not: { es: 'no están en riesgo de no volver', en: 'are not at risk of not returning' },

  times: { es: { one: 'vez', other: 'veces' }, en: { one: 'time', other: 'times' } },
  days: { es: { one: 'día', other: 'días' }, en: { one: 'day', other: 'days' } },
  customers: { es: { one: '{n} cliente', other: '{n} clientes' }, en: { one: '{n} customer', other: '{n} customers' } },
  stampsWord: { es: { one: 'sello', other: 'sellos' }, en: { one: 'stamp', other: 'stamps' } },
});

const t = translator(words);

/** What places are called, by their ids. */
export type PlaceNames = (id: string) => string | undefined;

const unnamed: PlaceNames = () => undefined;

/** «Clientes que …», for any audience, however deep it is built. */
export function sentenceOf(audience: Audience, places: PlaceNames = unnamed): string {
  if ('all' in audience && audience.all.length === 0) return t('everybody');
  if ('any' in audience && audience.any.length === 0) return t('nobody');
  return t('customersWho', { what: predicate(audience, places) });
}

/** «124 clientes que …»: so many of an audience. */
export function countedText(n: number, audience: Audience, places: PlaceNames = unnamed): string {
  const who = t('customers', { n });
  return 'all' in audience && audience.all.length === 0 ? who : t('countedWho', { who, what: predicate(audience, places) });
}

/** One condition by itself, as it stands on a line: «No vienen hace 30 días o más». */
export function lineOf(condition: Condition, not: boolean, places: PlaceNames = unnamed): string {
  const said = conditionText(condition, not, places);
  return said.charAt(0).toLocaleUpperCase(langTag) + said.slice(1);
}

function predicate(audience: Audience, places: PlaceNames): string {
  if ('all' in audience) return joined(audience.all, 'conjunction', places);
  if ('any' in audience) return joined(audience.any, 'disjunction', places);
  if (!('not' in audience)) return conditionText(audience, false, places);
  const { not } = audience;
  if ('all' in not || 'any' in not || 'not' in not) return t('notGroup', { what: predicate(not, places) });
  return conditionText(not, true, places);
}

function joined(parts: Audience[], type: 'conjunction' | 'disjunction', places: PlaceNames): string {
  const said = parts.map((part) => {
    const isGroup = ('all' in part && part.all.length > 1) || ('any' in part && part.any.length > 1);
    return isGroup && parts.length > 1 ? t('group', { what: predicate(part, places) }) : predicate(part, places);
  });
  return new Intl.ListFormat(langTag, { type }).format(said);
}

const DAY_OF = (date: string) => day(`${date}T12:00:00Z`, LIMA);

function conditionText(condition: Condition, not: boolean, places: PlaceNames): string {
  const key = <K extends string>(name: K) => (not ? `${name}_not` : name) as K;
  if ('visits' in condition) {
    const { days } = condition.visits;
    const span = days ? t('lastDays', { n: days }) : t('ever');
    return t(key('visits'), { range: rangeText(condition.visits, 'times'), span });
  }
  if ('days_since_visit' in condition) return sinceText(condition.days_since_visit, not);
  if ('days_between_visits' in condition) return t(key('days_between_visits'), { range: rangeText(condition.days_between_visits, 'days') });
  if ('stamps_left' in condition) return t(key('stamps_left'), { range: rangeText(condition.stamps_left, 'stampsWord') });
  if ('reward_open' in condition) {
    const n = condition.reward_open.expires_within_days ?? 0;
    return n > 0 ? t(key('reward_soon'), { n }) : t(key('reward_open'));
  }
  if ('birthday_month' in condition) {
    const month = condition.birthday_month.month ?? 0;
    return month > 0 ? t(key('birthday'), { month: monthName(month) }) : t(key('birthday_now'));
  }
  if ('location' in condition) return t(key('location'), { place: places(condition.location.location_id) ?? t('aPlace') });
  if ('joined' in condition) {
    const { from, to } = condition.joined;
    if (from && to) return t(key('joinedBetween'), { from: DAY_OF(from), to: DAY_OF(to) });
    return from ? t(key('joinedFrom'), { from: DAY_OF(from) }) : t(key('joinedTo'), { to: to ? DAY_OF(to) : '…' });
  }
  if ('language' in condition) return t(key(`language_${condition.language.language}`));
  return t(key('at_risk'));
}

function sinceText({ min, max }: Range, not: boolean): string {
  if (isGiven(min) && isGiven(max)) return t(not ? 'lastCame_not' : 'lastCame', { range: rangeText({ min, max }, 'days') });
  if (isGiven(min)) return t(not ? 'away_not' : 'away', { n: min });
  return t(not ? 'lately_not' : 'lately', { n: max ?? 0 });
}

/** `3 veces o más`; the word agrees with the number beside it. */
function rangeText({ min, max }: Range, noun: 'times' | 'days' | 'stampsWord'): string {
  const what = t(noun, { n: max ?? min ?? 0 });
  if (isGiven(min) && isGiven(max)) return min === max ? t('exactly', { n: min, what }) : t('between', { low: min, high: max, what });
  if (isGiven(min)) return t('atLeast', { n: min, what });
  return isGiven(max) ? t('atMost', { n: max, what }) : '…';
}

/** `marzo`, of 3, as it stands in a sentence: by itself it would have a capital. */
export const monthName = (month: number): string =>
  new Intl.DateTimeFormat(langTag, { day: 'numeric', month: 'long', timeZone: 'UTC' }).formatToParts(Date.UTC(2024, month - 1, 1)).find(({ type }) => type === 'month')?.value ?? '';

/** `124 clientes`. */
export const customersText = (n: number): string => t('customers', { n });
