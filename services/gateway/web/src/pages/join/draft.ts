import { newOperationId } from '$lib/api';

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

const sentKeyOf = (slug: string) => `${keyOf(slug)}.sent`;

/** Where a browser refuses storage, the page itself remembers. */
let last: { form: string; id: string } | undefined;

/**
 * The id of this form, the same for as long as the tab lives and the form stays as it is: a try whose answer was lost is asked for
 * again, and neither made twice nor told that its number is taken.
 */
export function operationOf(slug: string, sent: unknown): string {
  const form = JSON.stringify(sent);
  try {
    last = (JSON.parse(sessionStorage.getItem(sentKeyOf(slug)) ?? 'null') as typeof last | null) ?? last;
  } catch {
    // What cannot be read was never sent from here.
  }
  if (last?.form !== form) last = { form, id: newOperationId() };
  try {
    sessionStorage.setItem(sentKeyOf(slug), JSON.stringify(last));
  } catch {
    // A browser that refuses storage still joins.
  }
  return last.id;
}

/** The answer is there: the next form is another one. */
export function forgetOperation(slug: string): void {
  last = undefined;
  try {
    sessionStorage.removeItem(sentKeyOf(slug));
  } catch {
    // Nothing was kept.
  }
}
