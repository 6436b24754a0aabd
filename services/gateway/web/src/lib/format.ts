import { langTag } from './i18n';

/** Numbers, soles and dates as Peru writes them, in the business's zone. */

export const LIMA = 'America/Lima';

type Moment = string | number | Date;
const instant = (at: Moment) => (at instanceof Date ? at : new Date(at));

/** `1,234`. */
export const number = (value: number): string => new Intl.NumberFormat(langTag).format(value);

/** `38 %` of a ratio. */
export const percent = (ratio: number, digits = 0): string =>
  new Intl.NumberFormat(langTag, { style: 'percent', maximumFractionDigits: digits }).format(ratio);

/** `S/ 12.50` from céntimos. */
export const soles = (cents: number): string =>
  // The space must not break, and English would say PEN.
  `S/\u00a0${new Intl.NumberFormat(langTag, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(cents / 100)}`;

/** `3 de marzo`, or with the year when it is not this one. */
export function day(at: Moment, zone = LIMA): string {
  const year = (moment: Date) => moment.toLocaleDateString('en', { timeZone: zone, year: 'numeric' });
  const when = instant(at);
  const other = year(when) !== year(new Date());
  return new Intl.DateTimeFormat(langTag, { timeZone: zone, day: 'numeric', month: 'long', ...(other && { year: 'numeric' }) }).format(when);
}

/** `15:04`. */
export const time = (at: Moment, zone = LIMA): string =>
  new Intl.DateTimeFormat(langTag, { timeZone: zone, hour: 'numeric', minute: '2-digit' }).format(instant(at));

/** `3 mar, 15:04`. */
export const dayTime = (at: Moment, zone = LIMA): string =>
  new Intl.DateTimeFormat(langTag, { timeZone: zone, day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }).format(instant(at));

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `hace 5 minutos`, `en 2 días`; under a minute it is now. */
export function ago(at: Moment, now: Moment = Date.now()): string {
  const seconds = (instant(at).getTime() - instant(now).getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat(langTag, { numeric: 'auto' });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return words.format(0, 'second');
}
