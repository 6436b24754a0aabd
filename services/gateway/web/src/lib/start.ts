import { type Component, mount } from 'svelte';

import './tokens.css';
import './base.css';
import { langTag } from './i18n';
import { setTheme, storedTheme } from './theme';

/** Puts a page on the screen, in its language. The only line of a page's `main.ts`. */
export function start(page: Component): void {
  document.documentElement.lang = langTag;
  setTheme(storedTheme());
  mount(page, { target: document.getElementById('app') ?? document.body });
}
