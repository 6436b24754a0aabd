import type { Campaign, CampaignDraft, CampaignStatus, Language, Policy, Template, Wording } from '../types';
import { EVERYBODY, faultOf, type LineFault, readAudience, toAudience, type Who } from './audience';
import { instantOf, wallClock } from './when';
import { filledLength } from './wording';

/** A campaign while it is being written. */
export interface Draft {
  name: string;
  who: Who;
  template: string;
  /** What fills the template's variables, by language. */
  variables: Partial<Record<Language, string[]>>;
  policy: Policy;
  walletDays: number;
  holdout: boolean;
  /** How many of a hundred are held back, where some are. */
  percent: number;
  when: 'now' | 'later';
  day: string;
  time: string;
}

export const STEPS = ['who', 'what', 'how', 'when', 'check'] as const;
export type Step = (typeof STEPS)[number];

export const HOLDOUT_PERCENT = 10;
export const WALLET_DAYS = 3;
export const LANGUAGES: Language[] = ['es', 'en'];
export const MOST_VARIABLE = 200;
/** Of what a variable may become once names and rewards stand in it. */
const MOST_FILLED = 300;

export const freshDraft = (who: Who = EVERYBODY): Draft => ({
  name: '',
  who: structuredClone(who),
  template: '',
  variables: {},
  policy: 'wallet_first',
  walletDays: WALLET_DAYS,
  holdout: true,
  percent: HOLDOUT_PERCENT,
  when: 'now',
  day: '',
  time: '10:00',
});

/** By what way a campaign goes, and whom it leaves out to compare with. */
export type Way = Pick<Draft, 'policy' | 'walletDays' | 'holdout' | 'percent'>;

/** Which way a campaign was given. A share that somebody else chose stays as it is. */
export const wayOf = ({ channel_policy, wallet_days, holdout_percent }: Pick<Campaign, 'channel_policy' | 'wallet_days' | 'holdout_percent'>): Way => ({
  policy: channel_policy,
  walletDays: wallet_days || WALLET_DAYS,
  holdout: holdout_percent > 0,
  percent: holdout_percent || HOLDOUT_PERCENT,
});

/** A draft, a scheduled or a paused campaign, to be changed; undefined where its audience is deeper than the page can show. */
export function draftOf(campaign: Campaign, zone: string): Draft | undefined {
  const who = readAudience(campaign.audience);
  if (!who) return undefined;
  // One that has begun cannot begin again at another time.
  const at = campaign.scheduled_at && !campaign.launched_at ? wallClock(campaign.scheduled_at, zone) : undefined;
  return {
    name: campaign.name,
    who,
    template: campaign.wordings[0]?.template ?? '',
    variables: Object.fromEntries(campaign.wordings.map(({ language, variables }) => [language, variables])),
    ...wayOf(campaign),
    when: at ? 'later' : 'now',
    day: at?.day ?? '',
    time: at?.time ?? '10:00',
  };
}

/** What the templates called `name` say in each language. */
export const inLanguages = (templates: Template[], name: string): Partial<Record<Language, Template>> =>
  Object.fromEntries(templates.filter((one) => one.name === name).map((one) => [one.language, one]));

/** The languages of a template that may be used; the others are not sent. Without Spanish none may: it is what everybody gets who has no other. */
export function usable(templates: Template[], name: string): Template[] {
  const approved = templates.filter((one) => one.name === name && one.status === 'approved');
  return approved.some(({ language }) => language === 'es') ? approved.toSorted((a, b) => LANGUAGES.indexOf(a.language) - LANGUAGES.indexOf(b.language)) : [];
}

/**
 * Whether a language is left out: nobody has typed anything of it and something of it is still to be typed. Who reads it gets
 * Spanish, which therefore never is.
 */
export function isLeftOut({ language, variables }: Template, given: string[] | undefined): boolean {
  if (language === 'es') return false;
  const typed = variables.map((variable, at) => [given?.[at]?.trim() ?? '', usualFor(variable.name)]);
  return typed.some(([value]) => value === '') && typed.every(([value, usual]) => value === '' || value === usual);
}

export function wordingsOf(draft: Draft, templates: Template[]): Wording[] {
  const written = usable(templates, draft.template).filter((one) => !isLeftOut(one, draft.variables[one.language]));
  return written.map(({ language, variables }) => ({
    language,
    template: draft.template,
    variables: variables.map((_, at) => draft.variables[language]?.[at]?.trim() ?? ''),
  }));
}

export const holdoutPercent = ({ holdout, percent }: Way): number => (holdout ? percent : 0);

export function toSend(draft: Draft, templates: Template[], zone: string): CampaignDraft {
  return {
    name: draft.name.trim(),
    audience: toAudience(draft.who),
    wordings: wordingsOf(draft, templates),
    channel_policy: draft.policy,
    wallet_days: draft.walletDays,
    holdout_percent: holdoutPercent(draft),
    scheduled_at: draft.when === 'later' ? (instantOf(draft.day, draft.time, zone) ?? null) : null,
  };
}

/**
 * What the last button does with a campaign that stands so: `send` it now, `schedule` it, or `save` it and no more. One that was to
 * leave later and is to leave now becomes a draft again when it is saved, and drafts are launched.
 */
export function ending(status: CampaignStatus | undefined, when: Draft['when']): 'send' | 'schedule' | 'save' {
  if (status === undefined || status === 'draft') return when === 'later' ? 'schedule' : 'send';
  return status === 'scheduled' && when === 'now' ? 'send' : 'save';
}

export type Fault = LineFault | 'nameMissing' | 'templateMissing' | 'variableMissing' | 'variableLong' | 'whenMissing' | 'whenPast';
export type Faults = Partial<Record<string, Fault>>;

/** The name of a variable's field, as the API names it. */
export const variableField = (wording: number, variable: number): string => `wordings[${wording}].variables[${variable}]`;

/** What keeps a draft from being sent, by the API's own names of the fields. */
export function faultsOf(draft: Draft, templates: Template[], zone: string, now: number): Faults {
  const faults: Faults = {};
  for (const [at, { is }] of draft.who.lines.entries()) {
    const fault = faultOf(is);
    if (fault) faults[`audience[${at}]`] = fault;
  }
  const wordings = wordingsOf(draft, templates);
  if (wordings.length === 0) faults.wordings = 'templateMissing';
  for (const [at, { variables }] of wordings.entries()) {
    for (const [place, value] of variables.entries()) {
      if (!value) faults[variableField(at, place)] = 'variableMissing';
      else if (value.length > MOST_VARIABLE || filledLength(value) > MOST_FILLED) faults[variableField(at, place)] = 'variableLong';
    }
  }
  if (draft.when === 'later') {
    const at = instantOf(draft.day, draft.time, zone);
    if (!at) faults.scheduled_at = 'whenMissing';
    else if (Date.parse(at) <= now) faults.scheduled_at = 'whenPast';
  }
  if (!draft.name.trim()) faults.name = 'nameMissing';
  return faults;
}

/** The screen on which a field stands, by the API's name for it; undefined where none shows it. */
export function stepOf(field: string): Step | undefined {
  if (field.startsWith('audience')) return 'who';
  if (field.startsWith('wordings')) return 'what';
  if (field === 'channel_policy' || field === 'wallet_days' || field === 'holdout_percent') return 'how';
  if (field === 'scheduled_at') return 'when';
  return field === 'name' ? 'check' : undefined;
}

/** The line of the audience that a field of it is about: `audience.all[1].visits.min`, `audience[1]`. */
export function lineAt(field: string): number | undefined {
  const [, at] = /^audience(?:\.(?:all|any|of))?\[(\d+)\]/.exec(field) ?? [];
  return at === undefined ? undefined : Number(at);
}

/** The screens that have something wrong on them. */
export const stepsWith = (faults: Faults): Set<Step> => new Set(Object.keys(faults).flatMap((field) => stepOf(field) ?? []));

/** What fills a variable of itself, where its name says what it is for. */
export function usualFor(name: string): string {
  const plain = name.toLowerCase().normalize('NFD').replace(/[^a-z_ ]/g, '');
  if (/first.?name|^name$|nombre|cliente|customer/.test(plain)) return '{first_name}';
  if (/left|falta/.test(plain)) return '{stamps_left}';
  if (/stamp|sello/.test(plain)) return '{stamps}';
  if (/reward|premio/.test(plain)) return '{reward}';
  if (/business|shop|negocio|tienda|local/.test(plain)) return '{business}';
  return '';
}

/** A draft with another template: what is known of its variables is filled in, and what was typed for another is let go. */
export function withTemplate(draft: Draft, templates: Template[], name: string): Draft {
  const variables = Object.fromEntries(usable(templates, name).map((one) => [one.language, one.variables.map((variable) => usualFor(variable.name))]));
  return { ...draft, template: name, variables };
}
