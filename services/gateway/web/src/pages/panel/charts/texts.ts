import { langTag, texts, translator } from '$lib/i18n';
import { number } from '$lib/format';
import { shared } from '$lib/texts';
import { common } from '../texts';
import type { HourFigures } from '../types';

const own = texts({
  byHour: { es: 'Sellos por hora', en: 'Stamps by the hour' },
  normal: { es: 'lo normal', en: 'normal' },
  nowShort: { es: 'ahora', en: 'now' },
  hourStamps: { es: { one: 'A las {hour}: {n} sello.', other: 'A las {hour}: {n} sellos.' }, en: { one: 'At {hour}: {n} stamp.', other: 'At {hour}: {n} stamps.' } },
  hourToCome: { es: 'A las {hour}: por venir.', en: 'At {hour}: still to come.' },
  normally: { es: 'Lo normal: {band}.', en: 'Normal: {band}.' },
  between: { es: 'de {low} a {high}', en: '{low} to {high}' },
  busiestHour: { es: { one: 'Mejor hora: {hour}, con {n}.', other: 'Mejor hora: {hour}, con {n}.' }, en: { one: 'Best hour: {hour}, with {n}.', other: 'Best hour: {hour}, with {n}.' } },
  bandOnly: { es: 'Todavía sin sellos; la banda es un día normal.', en: 'No stamps yet; the band is a normal day.' },
  noHours: { es: 'Todavía sin sellos hoy.', en: 'No stamps yet today.' },
  hour: { es: 'Hora', en: 'Hour' },
  stampsHead: { es: 'Sellos', en: 'Stamps' },
  normalLow: { es: 'Normal, desde', en: 'Normal, from' },
  normalHigh: { es: 'Normal, hasta', en: 'Normal, to' },
  byDay: { es: 'Los últimos 30 días', en: 'The last 30 days' },
  dayStamps: {
    es: { one: '{day}: {n} sello, {joined} se unieron.', other: '{day}: {n} sellos, {joined} se unieron.' },
    en: { one: '{day}: {n} stamp, {joined} joined.', other: '{day}: {n} stamps, {joined} joined.' },
  },
  weekMeans: { es: 'Esta semana, {now} sellos por día; la anterior, {before}. La línea es el promedio.', en: 'This week, {now} stamps a day; the one before, {before}. The line is the mean.' },
  dayHead: { es: 'Día', en: 'Day' },
  visitorsHead: { es: 'Vinieron', en: 'Came' },
  joinedHead: { es: 'Se unieron', en: 'Joined' },
  unlockedHead: { es: 'Premios ganados', en: 'Rewards earned' },
  redeemedHead: { es: 'Premios canjeados', en: 'Rewards redeemed' },
  sentHead: { es: 'Mensajes', en: 'Messages' },
  messagesByDay: { es: 'Mensajes y visitas por día', en: 'Messages and visits by the day' },
  came: { es: 'Vinieron', en: 'Came' },
  dayMessages: {
    es: '{day}: {sent}, {delivered}, {read}. {visitors}.',
    en: '{day}: {sent}, {delivered}, {read}. {visitors}.',
  },
  dayOut: { es: { one: '{n} pidió no más.', other: '{n} pidieron no más.' }, en: { one: '{n} asked for no more.', other: '{n} asked for no more.' } },
  nSent: { es: { one: 'salió {n}', other: 'salieron {n}' }, en: { one: '{n} left', other: '{n} left' } },
  nDelivered: { es: { one: 'llegó {n}', other: 'llegaron {n}' }, en: { one: '{n} arrived', other: '{n} arrived' } },
  nRead: { es: { one: 'se leyó {n}', other: 'se leyeron {n}' }, en: { one: '{n} was read', other: '{n} were read' } },
  nCame: { es: { one: 'Vino {n}', other: 'Vinieron {n}' }, en: { one: '{n} came', other: '{n} came' } },
  daysWritten: {
    es: { one: 'Escribiste {n} día; está sombreado. Arriba, cuántas personas vinieron.', other: 'Escribiste {n} días; están sombreados. Arriba, cuántas personas vinieron.' },
    en: { one: 'You wrote on {n} day, which is shaded. Above, how many people came.', other: 'You wrote on {n} days, which are shaded. Above, how many people came.' },
  },
  deliveredHead: { es: 'Entregados', en: 'Delivered' },
  readHead: { es: 'Leídos', en: 'Read' },
  failedHead: { es: 'No llegaron', en: 'Not delivered' },
  outHead: { es: 'Pidieron no más', en: 'Asked for no more' },
  costHead: { es: 'Costo, S/', en: 'Cost, S/' },
  byWeek: { es: 'Tu semana, hora por hora', en: 'Your week, hour by hour' },
  cellStamps: {
    es: { one: '{weekday} a las {hour}: {n} sello en 8 semanas.', other: '{weekday} a las {hour}: {n} sellos en 8 semanas.' },
    en: { one: '{weekday} at {hour}: {n} stamp in 8 weeks.', other: '{weekday} at {hour}: {n} stamps in 8 weeks.' },
  },
  busiestCell: { es: 'Lo más movido de 8 semanas: {weekday}, {hour}', en: 'Busiest of 8 weeks: {weekday}, {hour}' },
  noHeat: { es: 'Todavía no hay sellos que contar.', en: 'There are no stamps to count yet.' },
  weekdayHead: { es: 'Día', en: 'Day' },
});

export const t = translator({ ...shared, ...common }, own);

const at = (hour: number) => new Date(Date.UTC(2024, 0, 1, hour));
const hourFull = new Intl.DateTimeFormat(langTag, { hour: 'numeric', timeZone: 'UTC' });

/** `3 p. m.`; the marks of Peru's own clock are set close, to fit under a bar. */
export const hourName = (hour: number): string => hourFull.format(at(hour)).replaceAll(' ', '\u00a0');
export const hourShort = (hour: number): string => {
  const half = hour % 12 || 12;
  return `${half}${hour < 12 ? 'a' : 'p'}`;
};

/** `de 4 a 9`, of an hour's normal. */
export const bandOf = (one: HourFigures): string => t('between', { low: number(Math.round(one.normal_low)), high: number(Math.round(one.normal_high)) });

const noon = (day: string) => new Date(`${day}T12:00:00Z`);
const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(langTag, { ...options, timeZone: 'UTC' });
const capital = (text: string) => text.charAt(0).toLocaleUpperCase(langTag) + text.slice(1);

export const dayShort = (day: string): string => format({ day: 'numeric', month: 'short' }).format(noon(day));
export const weekdayName = (day: string): string => capital(format({ weekday: 'long' }).format(noon(day)));

/** 1 Monday to 7 Sunday; the first of January 2024 was a Monday. */
const aWeekday = (weekday: number) => new Date(Date.UTC(2024, 0, weekday, 12));
export const weekdayLong = (weekday: number): string => capital(format({ weekday: 'long' }).format(aWeekday(weekday)));
export const weekdayShort = (weekday: number): string => format({ weekday: 'short' }).format(aWeekday(weekday));
