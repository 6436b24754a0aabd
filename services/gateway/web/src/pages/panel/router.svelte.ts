import { tick } from 'svelte';

/** Where one is below `/panel`: addresses are real, so that Back, a reload and a shared link work. */
class Router {
  path = $state(location.pathname);
  search = $state(location.search);

  /** The parts after `/panel`: `['clientes', '0190…']`. */
  parts = $derived(this.path.split('/').slice(2).filter(Boolean));
  query = $derived(new URLSearchParams(this.search));
}

export const router = new Router();

function arrive(scrollTo: number): void {
  router.path = location.pathname;
  router.search = location.search;
  // The page one comes back to must be drawn before it can be scrolled to where it was left.
  void tick().then(() => requestAnimationFrame(() => window.scrollTo(0, scrollTo)));
}

/** Goes to another place of the panel. `replace` leaves no step for Back: a search being typed, a choice of tab. */
export function go(href: string, { replace = false } = {}): void {
  if (replace) {
    history.replaceState(history.state, '', href);
    router.path = location.pathname;
    router.search = location.search;
    return;
  }
  history.replaceState({ ...history.state, y: window.scrollY }, '');
  history.pushState({}, '', href);
  arrive(0);
}

/** Links stay plain links; only a plain click on one of ours is kept from loading the page again. */
export function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (!/^\/panel(\/|$)/.test(link.pathname)) return;
  event.preventDefault();
  if (link.href !== location.href) go(link.href);
}

export function onBack(event: PopStateEvent): void {
  arrive(Number((event.state as { y?: number } | null)?.y ?? 0));
}
