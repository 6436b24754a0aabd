import type { Audience, Condition, Range } from '../types';

/** An audience as it is built on the page: conditions one below the other, all of them or any of them. */
export interface Who {
  match: 'all' | 'any';
  lines: Line[];
}

export interface Line {
  not: boolean;
  is: Condition;
}

/** The kinds of conditions, in the order they are offered. */
export const KINDS = ['days_since_visit', 'visits', 'at_risk', 'stamps_left', 'reward_open', 'birthday_month', 'days_between_visits', 'joined', 'location', 'language'] as const;

export type Kind = (typeof KINDS)[number];

/** More than these nobody can read any more. */
export const MOST_LINES = 8;

export const kindOf = (condition: Condition): Kind => Object.keys(condition)[0] as Kind;

export const EVERYBODY: Who = { match: 'all', lines: [] };

const line = (is: Condition): Line => ({ not: false, is });

/** Audiences that are kept ready: one touch, and they can still be changed. */
export const PRESETS = {
  everybody: EVERYBODY,
  away: { match: 'all', lines: [line({ days_since_visit: { min: 30 } })] },
  at_risk: { match: 'all', lines: [line({ at_risk: {} })] },
  one_left: { match: 'all', lines: [line({ stamps_left: { min: 1, max: 1 } })] },
  reward: { match: 'all', lines: [line({ reward_open: { expires_within_days: 0 } })] },
  birthday: { match: 'all', lines: [line({ birthday_month: { month: 0 } })] },
} as const satisfies Record<string, Who>;

export type Preset = keyof typeof PRESETS;

export const isPreset = (name: string | null): name is Preset => name !== null && Object.hasOwn(PRESETS, name);

/** The preset that an audience is, as long as nobody has changed it. */
export const presetOf = (who: Who): Preset | undefined =>
  (Object.keys(PRESETS) as Preset[]).find((name) => JSON.stringify(toAudience(PRESETS[name])) === JSON.stringify(toAudience(who)));

/** A new condition of a kind, with what is most often meant by it. */
export function fresh(kind: Kind, place = ''): Condition {
  switch (kind) {
    case 'visits':
      return { visits: { min: 3, days: 30 } };
    case 'days_since_visit':
      return { days_since_visit: { min: 30 } };
    case 'days_between_visits':
      return { days_between_visits: { max: 10 } };
    case 'stamps_left':
      return { stamps_left: { min: 1, max: 2 } };
    case 'reward_open':
      return { reward_open: { expires_within_days: 0 } };
    case 'birthday_month':
      return { birthday_month: { month: 0 } };
    case 'location':
      return { location: { location_id: place } };
    case 'joined':
      return { joined: { from: '', to: '' } };
    case 'language':
      return { language: { language: 'es' } };
    case 'at_risk':
      return { at_risk: {} };
  }
}

/** As it is sent: ends that were left empty are left out. */
export function toAudience({ match, lines }: Who): Audience {
  const of = lines.map<Audience>(({ not, is }) => (not ? { not: tidy(is) } : tidy(is)));
  return match === 'any' && of.length > 0 ? { any: of } : { all: of };
}

function tidy(condition: Condition): Condition {
  const [kind, given] = Object.entries(condition)[0] as [string, Record<string, unknown>];
  const kept = Object.entries(given).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return { [kind]: Object.fromEntries(kept) } as unknown as Condition;
}

/** An audience of the server as the page shows it; undefined where it is built deeper than the page can show. */
export function readAudience(audience: Audience): Who | undefined {
  const match = 'any' in audience ? 'any' : 'all';
  const parts = 'all' in audience ? audience.all : 'any' in audience ? audience.any : [audience];
  // Any of none is nobody, and the page has no way to say so.
  if ('any' in audience && parts.length === 0) return undefined;
  const lines = parts.map(readLine);
  return lines.every((one) => one !== undefined) ? { match, lines } : undefined;
}

function readLine(audience: Audience): Line | undefined {
  const inner = 'not' in audience ? audience.not : audience;
  if ('all' in inner || 'any' in inner || 'not' in inner) return undefined;
  return { not: 'not' in audience, is: inner };
}

export type LineFault = 'rangeMissing' | 'rangeTurned' | 'datesMissing' | 'datesTurned' | 'placeMissing';

/** What keeps a condition from meaning something. */
export function faultOf(condition: Condition): LineFault | undefined {
  if ('joined' in condition) {
    const { from, to } = condition.joined;
    if (!from && !to) return 'datesMissing';
    return from && to && from > to ? 'datesTurned' : undefined;
  }
  if ('location' in condition) return condition.location.location_id ? undefined : 'placeMissing';
  const range = rangeOf(condition);
  if (!range) return undefined;
  if (!isGiven(range.min) && !isGiven(range.max)) return 'rangeMissing';
  return isGiven(range.min) && isGiven(range.max) && range.min > range.max ? 'rangeTurned' : undefined;
}

export const isGiven = (value: number | null | undefined): value is number => value !== null && value !== undefined;

/** The two ends of a condition that has them. */
export function rangeOf(condition: Condition): Range | undefined {
  if ('visits' in condition) return condition.visits;
  if ('days_since_visit' in condition) return condition.days_since_visit;
  if ('days_between_visits' in condition) return condition.days_between_visits;
  if ('stamps_left' in condition) return condition.stamps_left;
  return undefined;
}
