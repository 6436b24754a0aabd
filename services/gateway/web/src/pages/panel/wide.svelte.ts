import { MediaQuery } from 'svelte/reactivity';

/** The width at which the rooms move from the foot to the side; the same as in Nav. */
export const wide = new MediaQuery('(min-width: 60rem)');

/** What the device thinks of its connection; it may be wrong in saying yes, hardly ever in saying no. */
class Online {
  now = $state(navigator.onLine);

  constructor() {
    addEventListener('online', () => (this.now = true));
    addEventListener('offline', () => (this.now = false));
  }
}

export const online = new Online();
