/** What she typed, kept while the tab lives: a cut, a reload or a look at another app costs nothing. */
export interface Draft {
  name: string;
  phone: string;
}

const keyOf = (slug: string) => `sello.join.${slug}`;

export function readDraft(slug: string): Draft {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(slug)) ?? 'null') as Partial<Draft> | null;
    return { name: kept?.name ?? '', phone: kept?.phone ?? '' };
  } catch {
    return { name: '', phone: '' };
  }
}

/** Without a draft, forgets it. Ticks are never kept: a consent is given, not restored. */
export function keepDraft(slug: string, draft?: Draft): void {
  try {
    if (draft) sessionStorage.setItem(keyOf(slug), JSON.stringify(draft));
    else sessionStorage.removeItem(keyOf(slug));
  } catch {
    // A browser that refuses storage still joins.
  }
}
