/**
 * Texts by key, in es-PE and en. A catalogue is a plain object made by `texts({...})`; a page makes its `t` with
 * `translator(shared, own)` and ships nothing of other pages. Keys and the arguments of each text are typed.
 */

export type Lang = 'es' | 'en';

/** A sentence, or one for one and one for many, chosen by the argument `n`. */
type Entry = string | { one: string; other: string };
type Text = { es: Entry; en: Entry };
type Catalogue = Record<string, Text>;

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type ArgsOf<E> = E extends string ? Names<E> : E extends { one: infer One; other: infer Other } ? 'n' | Names<One> | Names<Other> : never;
type Args<T extends Text> = { [Name in ArgsOf<T['es']> | ArgsOf<T['en']>]: string | number };
type Call<T extends Text> = [ArgsOf<T['es']> | ArgsOf<T['en']>] extends [never] ? [] : [args: Args<T>];

export type Translate<C extends Catalogue> = <K extends keyof C & string>(key: K, ...args: Call<C[K]>) => string;

const STORED = 'sello.lang';

/** The language asked for in the address, else the one chosen before, else the browser's; Spanish if in doubt. */
export function chooseLang(asked: string | null, stored: string | null, browser: string | undefined): Lang {
  for (const choice of [asked, stored]) {
    if (choice === 'es' || choice === 'en') return choice;
  }
  return browser?.toLowerCase().startsWith('en') ? 'en' : 'es';
}

function detect(): Lang {
  if (typeof document === 'undefined') return 'es';
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(STORED);
  } catch {
    // A browser that refuses storage still gets its page.
  }
  return chooseLang(new URLSearchParams(location.search).get('lang'), stored, navigator.language);
}

/** The language of this page, fixed while it is open. */
export const lang: Lang = detect();
/** Its tag, for `<html lang>`, Intl and `Accept-Language`. */
export const langTag = lang === 'en' ? 'en' : 'es-PE';

/** Remembers another language and loads the page again in it. */
export function setLang(next: Lang): void {
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // Then the address alone carries it.
  }
  const url = new URL(location.href);
  url.searchParams.set('lang', next);
  location.replace(url);
}

/** Declares a catalogue, keeping its literal types. */
export function texts<const C extends Catalogue>(catalogue: C): C {
  return catalogue;
}

/** The `t` of a page: shared texts and its own, which win. */
export function translator<A extends Catalogue>(shared: A): Translate<A>;
export function translator<A extends Catalogue, B extends Catalogue>(shared: A, own: B): Translate<Omit<A, keyof B> & B>;
export function translator(...catalogues: Catalogue[]): Translate<Catalogue> {
  const all: Catalogue = Object.assign({}, ...catalogues);
  return ((key: string, args: Record<string, string | number> = {}) => fill(all[key]?.[lang] ?? key, args, langTag)) as Translate<Catalogue>;
}

/** Picks one or other, and puts the arguments in; numbers are written as the language writes them. */
export function fill(entry: Entry, args: Record<string, string | number>, tag: string): string {
  const text = typeof entry === 'string' ? entry : plural(Number(args.n), entry, tag);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = args[name];
    return typeof value === 'number' ? value.toLocaleString(tag) : (value ?? whole);
  });
}

/** One or many, by the language's own rule. */
export function plural<T>(n: number, forms: { one: T; other: T }, tag: string = langTag): T {
  return new Intl.PluralRules(tag).select(n) === 'one' ? forms.one : forms.other;
}
