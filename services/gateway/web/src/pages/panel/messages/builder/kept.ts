import { account } from '../../account.svelte';
import type { Draft } from './draft';

/** A draft outlives a reload, and the browser: kept here until it is sent, for each business by itself. */
export interface Kept {
  draft: Draft;
  /** The campaign it became, where it was made and could not be sent yet. */
  made?: string;
  /** The operation that makes it, and of what: one key per intent. */
  key?: { id: string; of: string };
}

const nameOf = (which: string): string => `sello.panel.campaign.${account.me?.business.id ?? ''}.${which}`;

export function keptDraft(which: string): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(nameOf(which)) ?? 'null') as Kept | null;
    return kept?.draft?.who?.lines ? kept : undefined;
  } catch {
    return undefined;
  }
}

export function keepDraft(which: string, kept: Kept | undefined): void {
  try {
    if (kept) localStorage.setItem(nameOf(which), JSON.stringify(kept));
    else localStorage.removeItem(nameOf(which));
  } catch {
    // Then it lives as long as the page.
  }
}

/** Forgets what is kept of a campaign, under its own name and as the new one that it was made as. */
export function forgetDraft(id: string): void {
  keepDraft(id, undefined);
  if (keptDraft('new')?.made === id) keepDraft('new', undefined);
}
