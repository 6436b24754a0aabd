import { langTag } from '$lib/i18n';
import { t } from './texts';
import { daysBefore } from './zone';

/** A count against another, in words: `12 más que el lunes pasado a esta hora`. */
export function difference(now: number, before: number, when: string): string {
  const more = now - before;
  if (more === 0) return now === 0 ? t('noneBoth', { when }) : t('same', { when });
  return more > 0 ? t('moreThan', { n: more, when }) : t('fewerThan', { n: -more, when });
}

const weekday = (day: string): string => new Intl.DateTimeFormat(langTag, { weekday: 'long', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`));

/** `el lunes pasado a esta hora`: the same weekday, one week before `day`. */
export const lastWeekByNow = (day: string): string => t('lastWeekByNow', { weekday: weekday(daysBefore(day, 7)) });
