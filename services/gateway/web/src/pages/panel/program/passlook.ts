import { readableInk, shopPaper, SHEET } from '$lib/ink';
import type { Draft } from './draft';

/** What a pass is printed in; passes have no dark theme. */
export interface PassInks {
  paper: string;
  ink: string;
}

/** The same rule as whoever draws the passes: a quiet paper, and an ink that can be read on it. */
export function passInks(ink: string, paper: string): PassInks {
  const ground = shopPaper(paper)?.light ?? SHEET.light;
  return { paper: ground, ink: readableInk(ink, ground) ?? ink };
}

/** How many stamps a sample has: a card under way, and never a full one. */
export const sampleStamps = ({ required, welcome }: Pick<Draft, 'required' | 'welcome'>): number => Math.max(welcome, Math.min(3, required - 1));

/** A look as the API's query, in an order that stays. */
export function lookQuery(draft: Pick<Draft, 'ink' | 'paper' | 'shape' | 'required' | 'welcome' | 'rewards'>): string {
  return new URLSearchParams({
    ink: draft.ink,
    paper: draft.paper,
    stamp_shape: draft.shape,
    stamps: String(sampleStamps(draft)),
    stamps_required: String(draft.required),
    reward_counts: draft.rewards.map(({ at }) => at).join(),
    scale: '2',
  }).toString();
}

/** The reward that the sample is on the way to, and how far it is. */
export function nextOf(draft: Pick<Draft, 'required' | 'welcome' | 'rewards'>): { title: string; missing: number } | undefined {
  const stamps = sampleStamps(draft);
  const next = draft.rewards.find(({ at }) => at > stamps);
  return next && { title: next.title.trim(), missing: next.at - stamps };
}
