import { soles } from '$lib/format';
import type { Entry } from '../types';
import { t } from './texts';

const VIAS = ['scan', 'search', 'offline', 'panel', 'api', 'import', 'referral', 'welcome', 'merge'] as const;

/** What happened, in plain words: `2 sellos de regalo`. */
export function whatOf(entry: Entry): string {
  const n = Math.abs(entry.count);
  if (entry.kind === 'void' || entry.count < 0) return t('voidOf', { n });
  if (entry.kind === 'bonus') return t('bonus', { n });
  if (entry.kind === 'import') return t('imported', { n });
  return t('earn', { n });
}

/** By whom and how, where, and for what: `escaneó Marta · Barranco · compró por S/ 24.00`. */
export function howOf(entry: Entry, who: string | undefined, places: (string | undefined)[]): string {
  const via = VIAS.find((one) => one === entry.via);
  const parts = [
    via && t(`via_${via}`, { who: who ?? t('someone') }),
    ...places,
    entry.amount_cents !== null && entry.amount_cents > 0 ? t('paid', { soles: soles(entry.amount_cents) }) : undefined,
    entry.reason ? t('reasonSaid', { reason: entry.reason }) : undefined,
  ];
  return parts.filter(Boolean).join(' · ');
}
