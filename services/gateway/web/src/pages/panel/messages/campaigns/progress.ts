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

/** What can be done with a campaign as it stands. */
export function actionsOf({ status, kind }: Pick<Campaign, 'status' | 'kind'>): ('edit' | 'pause' | 'resume' | 'cancel')[] {
  const CAN: Record<CampaignStatus, ('edit' | 'pause' | 'resume' | 'cancel')[]> = {
    draft: ['edit'],
    scheduled: ['edit', 'cancel'],
    running: ['pause', 'cancel'],
    paused: ['resume', 'edit', 'cancel'],
    canceled: [],
    done: [],
  };
  return kind === 'automation' ? CAN[status].filter((one) => one !== 'cancel') : CAN[status];
}

/** Whether what it does may still change by itself. */
export const isMoving = ({ status, counts }: Pick<Campaign, 'status' | 'counts'>): boolean =>
  status === 'running' || status === 'scheduled' || ((status === 'done' || status === 'paused') && counts.requested + counts.sent > counts.delivered);

/** Counts that came over the stream, unless they are older than what is known. */
export function progressed(known: { version: number; counts: Counts }, told: { version: number; counts: Counts }): { version: number; counts: Counts } {
  return told.version > known.version ? { version: told.version, counts: { ...known.counts, ...told.counts } } : known;
}
