import type { CardView } from './cardview';

/** The cards this phone holds, of whichever shops: what opens each, and how each was when last seen. */

export interface KeptCard {
  id: string;
  /** The holder token: whoever has it opens the card. */
  token: string;
  shop: string;
  slug: string;
  /** Milliseconds since 1970 when it was last opened here; the newest is the one `/t/mia` opens. */
  openedAt: number;
  /** The last state that the server told, and when. */
  seen?: { at: number; view: CardView };
  /** This browser is told what the shop says. */
  notices?: KeptNotices;
}

export interface KeptNotices {
  /** By this they are switched off. */
  subscription: string;
  /** Where the browser hears, as the server was told last, and when that was. */
  endpoint: string;
  at: number;
}

const PREFIX = 'sello.card.';

/** One key a card, so that two tabs with two cards never overwrite each other. */
const keyOf = (id: string) => PREFIX + id.toLowerCase();

export function keptCard(id: string): KeptCard | undefined {
  return read(keyOf(id));
}

/** All of them, the last opened first. */
export function keptCards(): KeptCard[] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX))
      .flatMap((key) => read(key) ?? [])
      .toSorted((a, b) => b.openedAt - a.openedAt);
  } catch {
    return [];
  }
}

/** Keeps what is new of a card and leaves the rest; false when this browser refuses to keep anything. */
export function keepCard(card: Partial<KeptCard> & { id: string; token: string }): boolean {
  try {
    const known = keptCard(card.id);
    const next: KeptCard = { shop: '', slug: '', openedAt: 0, ...known, ...card };
    localStorage.setItem(keyOf(card.id), JSON.stringify(next));
    return true;
  } catch {
    return false;
  }
}

export function forgetCard(id: string): void {
  try {
    localStorage.removeItem(keyOf(id));
  } catch {
    // Nothing was kept, then.
  }
}

function read(key: string): KeptCard | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as KeptCard | null;
    return kept?.id && kept.token ? kept : undefined;
  } catch {
    return undefined;
  }
}
