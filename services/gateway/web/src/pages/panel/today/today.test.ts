import { describe, expect, test } from 'vitest';

import type { LiveMessage } from '$lib/live';
import type { Dashboard, DayFigures, Figures } from '../types';
import { difference, lastWeekByNow } from './difference';
import { EMPTY, type Feed, readCursor, receive, refreshed } from './feed';
import { lineOf } from './line';
import { suggest } from './suggest';
import { dayAndHour, daysBefore } from './zone';

const NONE: Figures = { stamps: 0, enrollments: 0, rewards_unlocked: 0, rewards_redeemed: 0, visitors: 0 };
/** Three in the afternoon in Lima, on a Monday. */
const AS_OF = '2026-11-23T20:00:00Z';
const LATER = '2026-11-23T20:05:00Z';

function days(stamps = 10, enrollments = 1): DayFigures[] {
  return Array.from({ length: 30 }, (_, at) => ({ ...NONE, day: daysBefore('2026-11-23', 29 - at), stamps, enrollments }));
}

function board(more: Partial<Dashboard> = {}): Dashboard {
  return {
    as_of: AS_OF,
    time_zone: 'America/Lima',
    today: { ...NONE, stamps: 10 },
    yesterday: NONE,
    last_week: NONE,
    yesterday_by_now: NONE,
    last_week_by_now: { ...NONE, stamps: 10 },
    hours: Array.from({ length: 24 }, (_, hour) => ({ hour, stamps: 0, normal_low: 0, normal_high: 0 })),
    days: days(),
    active_customers: 40,
    returning_customers: 20,
    at_risk_customers: 0,
    customers_total: 60,
    rewards_open: 0,
    rewards_open_cents: 0,
    ...more,
  };
}

const ready = { programs: 1, devices: 1 };

describe('the suggestion', () => {
  test('begins with what is missing, in the order it is needed', () => {
    expect(suggest(board(), { programs: 0, devices: 0 }).what).toBe('make_program');
    expect(suggest(board(), { programs: 1, devices: 0 }).what).toBe('pair_till');
    expect(suggest(board({ customers_total: 0 }), ready).what).toBe('hang_poster');
    expect(suggest(board({ days: days(0) }), ready).what).toBe('first_stamp');
  });

  test('calls a day slow only against a day that says something', () => {
    const slow = board({ today: { ...NONE, stamps: 4 } });
    expect(suggest(slow, ready)).toEqual({ what: 'slow_day', missing: 6 });
    expect(suggest({ ...slow, last_week_by_now: { ...NONE, stamps: 9 } }, ready).what).toBe('all_well');
  });

  test('speaks of customers at risk when they are more than a few', () => {
    expect(suggest(board({ at_risk_customers: 4 }), ready)).toEqual({ what: 'at_risk', n: 4 });
    expect(suggest(board({ at_risk_customers: 3 }), ready).what).toBe('all_well');
    expect(suggest(board({ at_risk_customers: 2, active_customers: 0 }), ready).what).toBe('all_well');
  });

  test('says what writing to them costs, once that is known and there is somebody to write to', () => {
    const risk = board({ at_risk_customers: 9 });
    expect(suggest(risk, { ...ready, atRisk: { reachable: 6, cents: 150 } })).toEqual({ what: 'write', n: 9, reachable: 6, cents: 150 });
    expect(suggest(risk, { ...ready, atRisk: { reachable: 0, cents: 0 } })).toEqual({ what: 'at_risk', n: 9 });
  });

  test('speaks of cards that fell behind on phones before it speaks of customers', () => {
    expect(suggest(board({ at_risk_customers: 4 }), { ...ready, undelivered: 2 })).toEqual({ what: 'undelivered', n: 2 });
    expect(suggest(board(), { ...ready, undelivered: 0 }).what).toBe('all_well');
  });

  test('notices a week without anybody new, and rewards that wait, with their cost', () => {
    expect(suggest(board({ days: days(10, 0) }), ready).what).toBe('nobody_joined');
    expect(suggest(board({ rewards_open: 3, rewards_open_cents: 1350 }), ready)).toEqual({ what: 'rewards_open', n: 3, cents: 1350 });
    expect(suggest(board(), ready)).toEqual({ what: 'all_well' });
  });
});

describe('a difference in words', () => {
  test('says how many more, fewer, or the same', () => {
    const when = lastWeekByNow('2026-11-23');
    expect(when).toBe('el lunes pasado a esta hora');
    expect(difference(64, 52, when)).toBe('12 más que el lunes pasado a esta hora');
    expect(difference(52, 64, when)).toBe('12 menos que el lunes pasado a esta hora');
    expect(difference(5, 5, when)).toBe('Igual que el lunes pasado a esta hora');
    expect(difference(0, 0, when)).toBe('Todavía ninguno; el lunes pasado a esta hora, tampoco');
  });
});

test('days and hours are the business’s own', () => {
  expect(dayAndHour('2026-11-23T04:30:00Z', 'America/Lima')).toEqual({ day: '2026-11-22', hour: 23 });
  expect(dayAndHour('2026-11-23T05:00:00Z', 'America/Lima')).toEqual({ day: '2026-11-23', hour: 0 });
  expect(daysBefore('2026-03-01', 1)).toBe('2026-02-28');
});

const snapshot = (seq: number, dashboard: Dashboard | null = board()): LiveMessage => ({ type: 'snapshot', cursor: `aa-${seq}`, as_of: AS_OF, dashboard });

function event(seq: number, name: string, data: Record<string, unknown> = {}, at = LATER, incarnation = 'aa'): LiveMessage {
  return { type: 'event', cursor: `${incarnation}-${seq}`, event: { id: `${incarnation}${seq}`, name, recorded_at: at, customer: { id: 'c', first_name: 'Rosa' }, data } };
}

const stamp = (seq: number, count = 1, at = LATER) => event(seq, 'stamp_added', { count, kind: 'earn', card: { stamps: 4, stamps_required: 10 } }, at);
const reversed = (at: string) => event(12, 'stamp_voided', { count: -1, reversed_kind: 'earn', reversed_recorded_at: at });
const all = (messages: LiveMessage[], from: Feed = EMPTY): Feed => messages.reduce(receive, from);
const stampsOf = (feed: Feed) => feed.dashboard?.today.stamps;

describe('the feed', () => {
  test('counts what comes after the snapshot, in the day, the hour and the month', () => {
    const feed = all([snapshot(10), stamp(11, 2)]);
    expect(stampsOf(feed)).toBe(12);
    expect(feed.dashboard?.hours[15]?.stamps).toBe(2);
    expect(feed.dashboard?.days.at(-1)?.stamps).toBe(12);
  });

  test('ignores what the snapshot has counted, and what comes twice', () => {
    expect(stampsOf(all([snapshot(10), stamp(9), stamp(10), stamp(11), stamp(11)]))).toBe(11);
  });

  test('does not mind the order events come in, and shows them newest first', () => {
    const early = stamp(11, 1, '2026-11-23T20:01:00Z');
    const late = stamp(12, 1, '2026-11-23T20:02:00Z');
    const [one, other] = [all([snapshot(10), early, late]), all([snapshot(10), late, early])];
    expect(one.dashboard).toEqual(other.dashboard);
    expect(other.events.map((each) => each.id)).toEqual(['aa12', 'aa11']);
  });

  test('shows what happens even while nobody can count it', () => {
    const feed = all([snapshot(10, null), stamp(11)]);
    expect(feed).toMatchObject({ stale: true, dashboard: undefined });
    expect(feed.events).toHaveLength(1);
    expect(stampsOf(refreshed(feed, board({ as_of: '2026-11-23T20:06:00Z', today: { ...NONE, stamps: 11 } })))).toBe(11);
  });

  test('after a resync asks for the dashboard, and counts on from it', () => {
    const cut = all([snapshot(10), stamp(11), { type: 'resync', cursor: 'aa-50' }, stamp(51, 1, '2026-11-23T20:10:00Z')]);
    expect(cut.stale).toBe(true);
    const mended = refreshed(cut, board({ as_of: '2026-11-23T20:09:00Z', today: { ...NONE, stamps: 40 } }));
    expect(mended.stale).toBe(false);
    expect(stampsOf(mended)).toBe(41);
  });

  test('a dashboard older than what is shown changes nothing', () => {
    const feed = all([snapshot(10), stamp(11)]);
    expect(refreshed(feed, board({ as_of: '2026-11-23T19:00:00Z' }))).toBe(feed);
  });

  test('a new life of the stream, or a new day, asks for the dashboard', () => {
    expect(all([snapshot(10), event(3, 'stamp_added', { count: 1, kind: 'earn' }, LATER, 'bb')]).stale).toBe(true);
    expect(all([snapshot(10), stamp(11, 1, '2026-11-24T05:00:01Z')])).toMatchObject({ stale: true, dashboard: { today: { stamps: 10 } } });
  });

  test('a void of today is taken from its own hour, one of another day from none', () => {
    expect(all([snapshot(10), stamp(11), reversed(AS_OF)]).dashboard?.hours[15]?.stamps).toBe(0);
    expect(stampsOf(all([snapshot(10), reversed('2026-11-20T20:00:00Z')]))).toBe(10);
  });

  test('rewards and customers move their own counts', () => {
    const feed = all([snapshot(10), event(11, 'customer_enrolled'), event(12, 'reward_unlocked', { cost_cents: 450 }), event(13, 'reward_unlocked', { cost_cents: 450 }), event(14, 'reward_redeemed', { cost_cents: 450 })]);
    expect(feed.dashboard).toMatchObject({ customers_total: 61, rewards_open: 1, rewards_open_cents: 450, today: { enrollments: 1, rewards_unlocked: 2, rewards_redeemed: 1 } });
  });

  test('a roll that begins anew shows what came just before, and counts none of it again', () => {
    const recent = [stamp(8, 1, '2026-11-23T19:50:00Z'), stamp(9, 1, '2026-11-23T19:55:00Z')];
    const feed = all([{ ...snapshot(10), recent }, stamp(11)]);
    expect(feed.events.map((each) => each.id)).toEqual(['aa11', 'aa9', 'aa8']);
    expect(stampsOf(feed)).toBe(11);
    expect(all([{ ...snapshot(10, null), recent }]).events).toHaveLength(2);
  });

  test('what is on the roll already is not put there twice', () => {
    const feed = all([snapshot(10), stamp(11), { ...snapshot(12), recent: [stamp(9), stamp(11), stamp(12)] }]);
    expect(feed.events.map((each) => each.id)).toEqual(['aa12', 'aa11', 'aa9']);
    expect(stampsOf(feed)).toBe(10);
    const renamed = { ...stamp(11), event: { ...(stamp(11).event as object), id: 'another' } };
    expect(all([renamed], feed).events).toHaveLength(3);
  });

  test('a snapshot without a past, or with one that cannot be read, begins empty', () => {
    expect(all([snapshot(10)]).events).toEqual([]);
    expect(all([{ ...snapshot(10), recent: [null, { type: 'event' }, 'x'] }]).events).toEqual([]);
    expect(all([{ ...snapshot(10), recent: 'none' }]).events).toEqual([]);
  });

  test('paper cards carried over are no visit of today', () => {
    expect(stampsOf(all([snapshot(10), event(11, 'stamp_added', { count: 8, kind: 'import' })]))).toBe(10);
  });

  test('what it does not know, it lets pass', () => {
    const feed = all([snapshot(10)]);
    expect(receive(feed, { type: 'problem', title: 'x' })).toBe(feed);
    expect(stampsOf(receive(feed, event(11, 'moon_landed')))).toBe(10);
    expect(readCursor(undefined)).toBeUndefined();
    expect(readCursor('a-b-12')).toEqual({ incarnation: 'a-b', seq: 12 });
  });
});

test('the roll says what happened, and is silent about what is nobody’s news', () => {
  const [first] = all([snapshot(10), stamp(11)]).events;
  expect(lineOf(first!)).toMatchObject({ who: 'Rosa', what: '1 sello · 4 de 10', customer: 'c' });
  expect(lineOf({ ...first!, name: 'card_opened' })).toBeUndefined();
  expect(lineOf({ ...first!, customer: null })?.who).toBe('Un cliente');
  const out = { ...first!, name: 'opted_out', data: { customer_id: 'c', campaign_id: null } };
  expect(lineOf(out)).toMatchObject({ who: 'Rosa', what: 'ya no quiere mensajes', tone: 'back', customer: 'c' });
});
