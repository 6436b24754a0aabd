import type { CardView, Entry } from '$lib/cardview';
import { soles } from '$lib/format';
import { t } from './texts';

/** One line of what happened, in plain words. */
export interface Line {
  id: string;
  at: number;
  text: string;
  note?: string;
  undone: boolean;
  isReward: boolean;
}

/** Stamps and rewards as one story, newest first. */
export function storyOf({ history, rewards }: Pick<CardView, 'history' | 'rewards'>): Line[] {
  const told = new Set(history.map(({ id }) => id));
  // An undone stamp says so itself; its reversal needs a line only when the stamp is too old to be listed.
  const stamps = history.filter(({ kind, reverses_id }) => !(kind === 'void' && reverses_id && told.has(reverses_id))).map(lineOf);
  const won = rewards.flatMap(({ id, title, state, unlocked_at, redeemed_at, expires_at }) => {
    if (state === 'void') return [];
    const line = (what: string, at: string, text: string): Line => ({ id: `${id}/${what}`, at: Date.parse(at), text, undone: false, isReward: true });
    const lines = [line('unlocked', unlocked_at, t('unlocked', { title }))];
    if (redeemed_at) lines.push(line('redeemed', redeemed_at, t('redeemed', { title })));
    if (state === 'expired' && expires_at) lines.push(line('expired', expires_at, t('lapsed', { title })));
    return lines;
  });
  // The stamp that won a reward comes before it, also within one second.
  return [...won.toReversed(), ...stamps].toSorted((a, b) => b.at - a.at);
}

function lineOf(entry: Entry): Line {
  return {
    id: entry.id,
    at: Date.parse(entry.occurred_at),
    text: wordsOf(entry),
    note: entry.amount_cents ? t('bought', { amount: soles(entry.amount_cents) }) : undefined,
    undone: entry.voided,
    isReward: false,
  };
}

function wordsOf({ kind, via, count }: Entry): string {
  const n = Math.abs(count);
  if (kind === 'void') return t('takenBack', { n });
  if (kind === 'import') return t('carried', { n });
  if (kind !== 'bonus') return t('earned', { n });
  if (via === 'welcome') return t('welcomed', { n });
  return via === 'referral' ? t('referred', { n }) : t('given', { n });
}
