import { shares, type Share } from '../builder/reach';
import type { Campaign, CampaignStatus, Counts } from '../types';

/** The parts of a campaign's bar, from what is surely done to what is not. */
export type Part = 'read' | 'delivered' | 'sent' | 'waiting' | 'failed' | 'canceled';

/** Counts tell how many came at least so far: one that was read was delivered and sent as well. On the bar each stands once. */
export function progressOf(counts: Counts): Share<Part>[] {
  const { planned, read, delivered, sent, failed, canceled } = counts;
  return shares([
    ['read', read],
    ['delivered', delivered - read],
    ['sent', sent - delivered],
    ['waiting', planned - sent - failed - canceled],
    ['failed', failed],
    ['canceled', canceled],
  ]);
}

/** Of what is planned already only the name is `rename`d; a draft is `remove`d, and nobody ever had anything of it. */
export type Action = 'edit' | 'rename' | 'pause' | 'resume' | 'cancel' | 'remove';

/** What can be done with a campaign as it stands. */
export function actionsOf({ status, kind, editable }: Pick<Campaign, 'status' | 'kind' | 'editable'>): Action[] {
  const CAN: Record<CampaignStatus, Action[]> = {
    draft: ['edit', 'remove'],
    scheduled: ['edit', 'cancel'],
    running: ['pause', 'cancel'],
    paused: ['resume', 'edit', 'cancel'],
    canceled: [],
    done: [],
  };
  // There is one automation of each kind for ever: it is turned off and not ended.
  const can = kind === 'automation' ? CAN[status].filter((one) => one !== 'cancel' && one !== 'remove') : CAN[status];
  return can.flatMap((one) => (one !== 'edit' || editable === 'all' ? one : editable === 'name' ? 'rename' : []));
}

/** Whether it is shown among the others: a draft that was removed and what was called off before it began said nothing to anybody. */
export const isShown = ({ status, launched_at }: Pick<Campaign, 'status' | 'launched_at'>): boolean => status !== 'canceled' || Boolean(launched_at);

/** Whether what it does may still change by itself. */
export const isMoving = ({ status, counts }: Pick<Campaign, 'status' | 'counts'>): boolean =>
  status === 'running' || status === 'scheduled' || ((status === 'done' || status === 'paused') && counts.requested + counts.sent > counts.delivered);

/** Counts that came over the stream, unless they are older than what is known. */
export function progressed(known: { version: number; counts: Counts }, told: { version: number; counts: Counts }): { version: number; counts: Counts } {
  return told.version > known.version ? { version: told.version, counts: { ...known.counts, ...told.counts } } : known;
}
