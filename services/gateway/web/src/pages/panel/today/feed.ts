import type { LiveMessage } from '$lib/live';
import type { Dashboard, Figures } from '../types';
import { dayAndHour } from './zone';

/**
 * What the live stream and the dashboard say together. Figures are the last dashboard's, plus every event it cannot have
 * known; so a stamp is counted once, whichever of the two brings it first.
 */
export interface Feed {
  dashboard?: Dashboard;
  /** When the server last counted; later events are added by us. */
  countedAt?: string;
  /** Newest first. */
  events: LiveEvent[];
  /** Up to where the last snapshot was complete. */
  base?: Cursor;
  /** The figures can no longer be trusted: ask for the dashboard. */
  stale: boolean;
}

export interface LiveEvent {
  id: string;
  name: string;
  recorded_at: string;
  customer: { id: string; first_name: string | null } | null;
  data: Record<string, unknown>;
  cursor?: Cursor;
}

interface Cursor {
  incarnation: string;
  seq: number;
}

const MOST_EVENTS = 300;

export const EMPTY: Feed = { events: [], stale: false };

/** `7f3a-1204`: which life of the stream, and how far into it. */
export function readCursor(text: unknown): Cursor | undefined {
  const [, incarnation, seq] = /^(.*)-(\d+)$/.exec(String(text ?? '')) ?? [];
  return incarnation === undefined ? undefined : { incarnation, seq: Number(seq) };
}

const covered = (cursor: Cursor | undefined, base: Cursor | undefined): boolean =>
  cursor !== undefined && base !== undefined && cursor.incarnation === base.incarnation && cursor.seq <= base.seq;

const newestFirst = (a: LiveEvent, b: LiveEvent): number =>
  Date.parse(b.recorded_at) - Date.parse(a.recorded_at) || (b.cursor?.seq ?? 0) - (a.cursor?.seq ?? 0);

/** One message of the stream. */
export function receive(feed: Feed, message: LiveMessage): Feed {
  const cursor = readCursor(message.cursor);
  if (message.type === 'resync') return { ...feed, base: cursor, stale: true };
  if (message.type === 'snapshot') {
    const dashboard = message.dashboard as Dashboard | null;
    const based = { ...feed, base: cursor };
    // Without figures (they are being rebuilt) the stream still tells what happens.
    const next = dashboard
      ? counted(based, dashboard, (event) => !covered(event.cursor, cursor) && event.recorded_at > dashboard.as_of)
      : { ...based, stale: true };
    return (Array.isArray(message.recent) ? message.recent : []).reduce<Feed>(recall, next);
  }
  const event = eventOf(message);
  return event ? add(feed, event) : feed;
}

function eventOf(frame: LiveMessage): LiveEvent | undefined {
  if (frame?.type !== 'event' || !frame.event) return undefined;
  const event = frame.event as LiveEvent;
  // A campaign tells of itself every second; it would push the day's events out.
  return event.name.startsWith('campaign_') ? undefined : { ...event, cursor: readCursor(frame.cursor) };
}

const isSame = (one: LiveEvent, other: LiveEvent): boolean =>
  one.id === other.id || (one.cursor !== undefined && one.cursor.seq === other.cursor?.seq && one.cursor.incarnation === other.cursor.incarnation);

/** What happened before the stream began: shown, and not counted, since the snapshot it came with has counted it. */
function recall(feed: Feed, frame: LiveMessage): Feed {
  const event = eventOf(frame);
  if (!event || feed.events.some((known) => isSame(known, event))) return feed;
  if (event.cursor && feed.base && !covered(event.cursor, feed.base)) return add(feed, event);
  return { ...feed, events: [event, ...feed.events].toSorted(newestFirst).slice(0, MOST_EVENTS) };
}

/** The dashboard was asked for and came, maybe after events that it does not know. */
export function refreshed(feed: Feed, dashboard: Dashboard): Feed {
  if (feed.countedAt && !feed.stale && dashboard.as_of < feed.countedAt) return feed;
  return counted(feed, dashboard, (event) => event.recorded_at > dashboard.as_of);
}

function counted(feed: Feed, dashboard: Dashboard, unknown: (event: LiveEvent) => boolean): Feed {
  const after = feed.events.filter(unknown).toReversed();
  return { ...feed, dashboard: after.reduce(count, dashboard), countedAt: dashboard.as_of, stale: false };
}

function add(feed: Feed, event: LiveEvent): Feed {
  // A resumed stream may repeat itself, and a snapshot has counted what came before it.
  if (covered(event.cursor, feed.base) || feed.events.some((known) => isSame(known, event))) return feed;
  const reborn = feed.base !== undefined && event.cursor !== undefined && event.cursor.incarnation !== feed.base.incarnation;
  const { dashboard } = feed;
  const tomorrow = dashboard !== undefined && dayAndHour(event.recorded_at, dashboard.time_zone).day > (dashboard.days.at(-1)?.day ?? '');
  return {
    ...feed,
    events: [event, ...feed.events].toSorted(newestFirst).slice(0, MOST_EVENTS),
    dashboard: dashboard && count(dashboard, event),
    stale: feed.stale || reborn || tomorrow,
  };
}

const numberIn = (data: Record<string, unknown>, field: string): number => Number(data[field] ?? 0) || 0;

/** The dashboard with one event more. Counting commutes, so that the order events come in does not matter. */
export function count(dashboard: Dashboard, event: LiveEvent): Dashboard {
  const { data } = event;
  const today = dashboard.days.at(-1)?.day;
  const moment = (at: unknown) => dayAndHour(String(at ?? event.recorded_at), dashboard.time_zone);
  const now = moment(event.recorded_at);
  const cost = numberIn(data, 'cost_cents');
  switch (event.name) {
    case 'stamp_added':
      // Paper cards carried over are not a visit of today.
      return data.kind === 'import' || now.day !== today ? dashboard : onDay(dashboard, { stamps: numberIn(data, 'count') }, now.hour);
    case 'stamp_voided': {
      const reversed = moment(data.reversed_recorded_at);
      if (data.reversed_kind === 'import' || reversed.day !== today) return dashboard;
      return onDay(dashboard, { stamps: numberIn(data, 'count') }, reversed.hour);
    }
    case 'customer_enrolled':
      return { ...(now.day === today ? onDay(dashboard, { enrollments: 1 }) : dashboard), customers_total: dashboard.customers_total + 1 };
    case 'customer_merged':
    case 'customer_erased':
      return { ...dashboard, customers_total: Math.max(0, dashboard.customers_total - 1) };
    case 'reward_unlocked':
      return opened(now.day === today ? onDay(dashboard, { rewards_unlocked: 1 }) : dashboard, 1, cost);
    case 'reward_redeemed':
      return opened(now.day === today ? onDay(dashboard, { rewards_redeemed: 1 }) : dashboard, -1, -cost);
    case 'reward_unredeemed':
      return opened(moment(data.redeemed_at).day === today ? onDay(dashboard, { rewards_redeemed: -1 }) : dashboard, 1, cost);
    case 'reward_expired':
      return opened(dashboard, -1, -cost);
    default:
      return dashboard;
  }
}

function onDay(dashboard: Dashboard, more: Partial<Figures>, hour?: number): Dashboard {
  const plus = <F extends Figures>(figures: F): F => {
    const sum = { ...figures };
    for (const key of Object.keys(more) as (keyof Figures)[]) (sum as Figures)[key] = Math.max(0, figures[key] + (more[key] ?? 0));
    return sum;
  };
  return {
    ...dashboard,
    today: plus(dashboard.today),
    days: dashboard.days.map((one, at) => (at === dashboard.days.length - 1 ? plus(one) : one)),
    hours: hour === undefined ? dashboard.hours : dashboard.hours.map((one) => (one.hour === hour ? { ...one, stamps: Math.max(0, one.stamps + (more.stamps ?? 0)) } : one)),
  };
}

const opened = (dashboard: Dashboard, rewards: number, cents: number): Dashboard => ({
  ...dashboard,
  rewards_open: Math.max(0, dashboard.rewards_open + rewards),
  rewards_open_cents: Math.max(0, dashboard.rewards_open_cents + cents),
});
