import type { Language, Template } from '../types';

/** The words in braces that the platform fills for each customer. */
export const FILLED = ['first_name', 'stamps', 'stamps_left', 'reward', 'business'] as const;
export type Filled = (typeof FILLED)[number];

/** The most characters of what fills each. */
const LONGEST: Record<Filled, number> = { first_name: 80, stamps: 7, stamps_left: 7, reward: 80, business: 80 };

/** How long a text is for who has the longest of names. */
export const filledLength = (text: string): number => text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(LONGEST, name) ? 'x'.repeat(LONGEST[name as Filled]) : whole)).length;

/** A piece of a message as it will look. `gap` is what nobody has filled yet. */
export interface Piece {
  text: string;
  bold: boolean;
  gap: boolean;
}

export type Person = Record<Filled, string>;

const SLOT = /\{\{(\d+)\}\}/;

/** The words in braces, filled as for one customer. */
export const fillPerson = (text: string, person: Person): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(person, name) ? person[name as Filled] : whole));

/** A template's text as she will read it. A variable that is still empty shows its sample, marked. `*so*` is bold, as WhatsApp has it. */
export function piecesOf(template: Pick<Template, 'body' | 'variables'>, variables: string[] | undefined, person: Person): Piece[] {
  const pieces = template.body.split(SLOT).flatMap<{ text: string; gap: boolean }>((part, at) => {
    if (at % 2 === 0) return part ? [{ text: part, gap: false }] : [];
    const place = Number(part) - 1;
    const given = variables?.[place]?.trim();
    if (given) return [{ text: fillPerson(given, person), gap: false }];
    return [{ text: template.variables[place]?.sample || '…', gap: true }];
  });
  // A star may open in one piece and close in another.
  let bold = false;
  return pieces.flatMap(({ text, gap }) =>
    text.split(/\*/).flatMap<Piece>((part, at) => {
      if (at > 0) bold = !bold;
      return part ? [{ text: part, bold, gap }] : [];
    }),
  );
}

/** The same in one line, for a list. */
export const plainText = (template: Pick<Template, 'body' | 'variables'>, variables: string[] | undefined, person: Person): string =>
  piecesOf(template, variables, person).map(({ text }) => text).join('').replace(/\s+/g, ' ').trim();

/** A word in braces, put where the caret is. */
export function insertAt(text: string, word: Filled, from: number, to: number): { text: string; caret: number } {
  const before = text.slice(0, from);
  const after = text.slice(to);
  const put = `${before && !/\s$/.test(before) ? ' ' : ''}{${word}}${after && !/^[\s.,;:!?)]/.test(after) ? ' ' : ''}`;
  return { text: before + put + after, caret: (before + put).length };
}

/** Somebody to show a message as it will look to. */
export const sample = (business: string, reward: string, language: Language): Person => ({
  first_name: 'Rosa',
  stamps: '7',
  stamps_left: '3',
  reward: reward || (language === 'es' ? 'un café gratis' : 'a free coffee'),
  business,
});
