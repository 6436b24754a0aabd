import type { LiveEvent } from './feed';
import { t } from './texts';

export interface Line {
  id: string;
  at: string;
  who: string;
  what: string;
  customer?: string;
  tone: 'plain' | 'good' | 'back';
}

interface CardAfter {
  stamps?: number;
  stamps_required?: number;
}

/** How an event reads on the roll; undefined for those that are nobody's news (a card opens with every joining). */
export function lineOf(event: LiveEvent): Line | undefined {
  const said = words(event);
  if (!said) return undefined;
  const { id, recorded_at: at, customer } = event;
  const gone = event.name === 'customer_erased' || event.name === 'customer_merged';
  return { id, at, who: customer?.first_name || t('someone'), customer: gone ? undefined : customer?.id, ...said };
}

function words({ name, data }: LiveEvent): Pick<Line, 'what' | 'tone'> | undefined {
  const card = (data.card ?? {}) as CardAfter;
  const progress = { stamps: card.stamps ?? 0, of: card.stamps_required ?? 0 };
  const title = String(data.title ?? '');
  switch (name) {
    case 'stamp_added':
      return { what: t('stamp_added', { n: Number(data.count ?? 1), ...progress }), tone: 'plain' };
    case 'stamp_voided':
      return { what: t('stamp_voided', { n: Math.abs(Number(data.count ?? 1)), ...progress }), tone: 'back' };
    case 'reward_unlocked':
      return { what: t('reward_unlocked', { title }), tone: 'good' };
    case 'reward_redeemed':
      return { what: t('reward_redeemed', { title }), tone: 'good' };
    case 'customer_enrolled':
      return { what: t('customer_enrolled'), tone: 'good' };
    case 'inbound_message':
      // What it answers by itself is nobody's work.
      return data.meaning === 'other' ? { what: t('inbound_message'), tone: 'good' } : undefined;
    case 'opted_out':
      return { what: t('opted_out'), tone: 'back' };
    case 'reward_unredeemed':
      return { what: t('reward_unredeemed'), tone: 'back' };
    case 'reward_expired':
      return { what: t('reward_expired'), tone: 'back' };
    case 'customer_merged':
    case 'customer_erased':
      return { what: t(name), tone: 'plain' };
    default:
      return undefined;
  }
}
