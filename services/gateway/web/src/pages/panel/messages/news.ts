import type { LiveMessage } from '$lib/live';
import type { Counts } from './types';

/** What the live stream tells of messages: handed on to whoever is looking at them. */
export type News =
  /** Something was missed, or may have been: ask anew. */
  | { name: 'resync' }
  | { name: 'campaign_changed'; campaign_id: string }
  | { name: 'campaign_progressed'; campaign_id: string; version: number; counts: Counts }
  | { name: 'inbound_message'; customer_id?: string }
  | { name: 'sending_held' };

const NAMES = new Set(['campaign_changed', 'campaign_progressed', 'inbound_message', 'sending_held']);

/** The news in a frame of the stream, if there is any. */
export function newsIn(message: LiveMessage): News | undefined {
  // What came after a room had asked and before the stream began stands in the snapshot alone.
  if (message.type === 'resync' || message.type === 'snapshot') return { name: 'resync' };
  const event = message.event as { name?: string; data?: object } | undefined;
  if (message.type !== 'event' || !event?.name || !NAMES.has(event.name)) return undefined;
  return { ...event.data, name: event.name } as News;
}

const listeners = new Set<(news: News) => void>();

/** Hears of what comes, until the answer is called. */
export function onNews(listener: (news: News) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Passes on what a frame of the stream tells. */
export function tellNews(message: LiveMessage): void {
  const news = newsIn(message);
  if (news) for (const listener of listeners) listener(news);
}
