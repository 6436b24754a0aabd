import { contrast, hexToOklch, oklchToHex, parseHex } from './colour';

/** The sheet a card is printed on, in each theme; tokens.test.ts keeps it equal to `--sheet`. */
export const SHEET = { light: '#fdfcf7', dark: '#25211c' };

/** Text at body size on its ground (WCAG 2.2 AA), with a hair to spare for rounding. */
const ENOUGH = 4.55;
const STEP = 0.005;

/**
 * A business's own ink, made readable on a paper: the hue stays, lightness moves only as far as it must, away
 * from the paper. What is not a colour is `undefined`, so that the caller falls back on our own ink.
 */
export function readableInk(hex: string, paperHex: string): string | undefined {
  if (!parseHex(hex) || !parseHex(paperHex)) return undefined;
  const ink = hexToOklch(hex);
  const darker = hexToOklch(paperHex).lightness > 0.5;
  const end = darker ? 0 : 1;
  let shown = oklchToHex(ink);
  while (contrast(shown, paperHex) < ENOUGH && ink.lightness !== end) {
    ink.lightness = darker ? Math.max(end, ink.lightness - STEP) : Math.min(end, ink.lightness + STEP);
    shown = oklchToHex(ink);
  }
  return shown;
}

/** How far a business's paper may leave ours: light enough for our own words, quiet enough to stay a ground. */
const PAPER = { light: { least: 0.955, chroma: 0.035 }, dark: { lightness: 0.25, chroma: 0.02 } };

/** A business's own paper in both themes: its hue stays, and so does the contrast of what is printed on it. */
export function shopPaper(hex: string | undefined): { light: string; dark: string } | undefined {
  if (!hex || !parseHex(hex)) return undefined;
  const { lightness, chroma, hue } = hexToOklch(hex);
  return {
    light: oklchToHex({ lightness: Math.max(PAPER.light.least, lightness), chroma: Math.min(PAPER.light.chroma, chroma), hue }),
    dark: oklchToHex({ lightness: PAPER.dark.lightness, chroma: Math.min(PAPER.dark.chroma, chroma), hue }),
  };
}

/**
 * The inline style that gives a subtree a business's ink, and its paper if it has one: use `var(--shop-ink)` below it. Both
 * themes are computed at once, so a change of theme needs no script.
 */
export function shopInk(hex: string | undefined, paperHex?: string): string {
  const paper = shopPaper(paperHex);
  const grounds = paper ?? SHEET;
  const light = hex && readableInk(hex, grounds.light);
  const dark = hex && readableInk(hex, grounds.dark);
  return [
    light && dark ? `--shop-ink-light:${light};--shop-ink-dark:${dark}` : '',
    paper ? `--shop-paper-light:${paper.light};--shop-paper-dark:${paper.dark}` : '',
  ].filter(Boolean).join(';');
}
