import { langTag } from '$lib/i18n';
import { t } from '../texts';
import type { HeldBy } from '../types';

const NIGHT_ENDS = 9;

/** `9:00 a. m.`, of an hour of the business's day. */
export const hourText = (hour: number): string =>
  new Intl.DateTimeFormat(langTag, { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1, hour));

/** Peru's clocks end in a stop (`9:00 a. m.`), and so do sentences; one of the two is enough. */
export const oneStop = (text: string): string => text.replace(/\.\.(?=\s|$)/g, '.');

const SAID = {
  budget: 'held_budget',
  tier: 'held_tier',
  quality: 'held_quality',
  not_approved: 'held_not_approved',
  provider: 'held_provider',
  off: 'held_off',
} as const;

/** Why nothing goes out for now, in one sentence; a reason that this page does not know is told as a wait. What `begins` has nobody to write to yet. */
export function heldText(by: HeldBy, until = NIGHT_ENDS, begins = false): string {
  if (by === 'quiet_hours') return oneStop(t(begins ? 'held_quiet_begins' : 'held_quiet_hours', { time: hourText(until) }));
  return t(SAID[by] ?? 'held_other');
}
