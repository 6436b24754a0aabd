import { contrast } from '$lib/colour';
import { readableInk, shopPaper } from '$lib/ink';
import type { Program, ProgramDraft, RewardRule } from '../types';

/** A program while it is being written: numbers a person types are texts until they are whole. */
export interface Draft {
  name: string;
  required: number;
  rewards: DraftReward[];
  shape: string;
  ink: string;
  paper: string;
  perVisit: number;
  pause: number;
  perDay: number;
  expiry: number;
  spend: boolean;
  every: string;
  welcome: number;
}

export interface DraftReward {
  at: number;
  title: string;
  cost: string;
}

export const MOST_REWARDS = 6;
export const MOST_STAMPS = 30;
export const FEWEST_STAMPS = 3;

/** A card that most small shops could use as it is. */
export const freshDraft = (): Draft => ({
  name: '',
  required: 10,
  rewards: [{ at: 10, title: '', cost: '' }],
  shape: 'cup',
  ink: '#a03a1c',
  paper: '#fbf6ea',
  perVisit: 1,
  pause: 60,
  perDay: 0,
  expiry: 0,
  spend: false,
  every: '20',
  welcome: 0,
});

/** `4.50` from céntimos, without what need not be said. */
export const moneyText = (cents: number | null): string => (cents === null ? '' : (cents / 100).toFixed(2).replace(/\.00$/, ''));

/** Céntimos from what was typed: `4`, `4.5`, `4,50`, `S/ 4.50`; undefined where it is no amount. */
export function readMoney(typed: string): number | undefined {
  const text = typed.replace(/^\s*S\/\.?/i, '').replace(/\s/g, '').replace(',', '.');
  return /^\d{1,6}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : undefined;
}

export function draftOf(program: Program): Draft {
  const { rules, look } = program;
  return {
    name: program.name,
    required: program.stamps_required,
    rewards: program.rewards.map(({ at, title, cost_cents }) => ({ at, title, cost: moneyText(cost_cents) })),
    shape: look.stamp_shape,
    ink: look.ink,
    paper: look.paper,
    perVisit: rules.max_per_visit,
    pause: rules.min_minutes_between,
    perDay: rules.max_per_day,
    expiry: rules.expires_after_days ?? 0,
    spend: rules.cents_per_stamp !== null,
    every: moneyText(rules.cents_per_stamp) || '20',
    welcome: rules.welcome_stamps,
  };
}

export type Faults = Partial<Record<string, 'nameMissing' | 'rewardMissing' | 'titleMissing' | 'moneyWrong'>>;

/** What keeps a draft from being sent, by the API's own names of the fields. */
export function faultsOf(draft: Draft): Faults {
  const faults: Faults = {};
  if (!draft.name.trim()) faults.name = 'nameMissing';
  if (draft.rewards.length === 0) faults.rewards = 'rewardMissing';
  for (const [at, reward] of draft.rewards.entries()) {
    if (!reward.title.trim()) faults[`rewards[${at}].title`] = 'titleMissing';
    if (reward.cost.trim() && readMoney(reward.cost) === undefined) faults[`rewards[${at}].cost_cents`] = 'moneyWrong';
  }
  if (draft.spend && !readMoney(draft.every)) faults['rules.cents_per_stamp'] = 'moneyWrong';
  return faults;
}

/** The fields that this draft's form shows, by the API's names: a problem with any other has to be said apart. */
export const placesOf = (draft: Draft): string[] => [
  'name',
  'stamps_required',
  'rewards',
  ...draft.rewards.flatMap((_, at) => [`rewards[${at}].title`, `rewards[${at}].at`, `rewards[${at}].cost_cents`]),
  'look.stamp_shape',
  'look.ink',
  'look.paper',
  'rules.max_per_visit',
  'rules.min_minutes_between',
  'rules.max_per_day',
  'rules.expires_after_days',
  'rules.welcome_stamps',
  ...(draft.spend ? ['rules.cents_per_stamp'] : []),
];

export function toSend(draft: Draft, active: boolean): ProgramDraft {
  return {
    name: draft.name.trim(),
    stamps_required: draft.required,
    rewards: draft.rewards.map<RewardRule>(({ at, title, cost }) => ({ at, title: title.trim(), cost_cents: readMoney(cost) ?? null })),
    rules: {
      max_per_visit: draft.perVisit,
      min_minutes_between: draft.pause,
      max_per_day: draft.perDay,
      expires_after_days: draft.expiry || null,
      cents_per_stamp: draft.spend ? (readMoney(draft.every) ?? null) : null,
      welcome_stamps: draft.welcome,
    },
    look: { ink: draft.ink, paper: draft.paper, stamp_shape: draft.shape },
    active,
  };
}

/** Another size keeps the last reward last and drops what no longer fits. */
export function resized(draft: Draft, required: number): Draft {
  const moved = draft.rewards.map((reward) => (reward.at === draft.required ? { ...reward, at: required } : reward));
  const rewards = moved.filter((reward, at) => reward.at <= required && moved.findIndex((one) => one.at === reward.at) === at);
  return { ...draft, required, rewards, welcome: Math.min(draft.welcome, required - 1) };
}

/** A reward at a place, or no longer. Places stay in order. */
export function toggled(draft: Draft, place: number): Draft {
  const there = draft.rewards.some((reward) => reward.at === place);
  if (!there && draft.rewards.length >= MOST_REWARDS) return draft;
  const rewards = there ? draft.rewards.filter((reward) => reward.at !== place) : [...draft.rewards, { at: place, title: '', cost: '' }];
  return { ...draft, rewards: rewards.toSorted((a, b) => a.at - b.at) };
}

/** What a full card costs the shop, in céntimos, as far as the costs are known. */
export const fullCost = (draft: Draft): number => draft.rewards.reduce((sum, reward) => sum + (readMoney(reward.cost) ?? 0), 0);

/** The ink as it will be shown on its paper, how readable it is, and whether it had to be changed. */
export function inkOnPaper(ink: string, paper: string): { ratio: number; changed: boolean } | undefined {
  const ground = shopPaper(paper)?.light;
  const shown = ground && readableInk(ink, ground);
  return shown ? { ratio: Math.floor(contrast(shown, ground) * 10) / 10, changed: shown !== ink.toLowerCase() } : undefined;
}
