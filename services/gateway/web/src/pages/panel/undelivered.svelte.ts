import { ask } from './account.svelte';
import type { Delivery, Page } from './types';

/** More than this is many; nobody needs the exact number. */
const MOST = 99;

/** Updates of cards in wallets that were given up: how many there are, for whoever is in another room. */
class Undelivered {
  count = $state(0);

  load = async (): Promise<void> => {
    const result = await ask<Page<Delivery>>('GET', `/api/v1/deliveries?status=dead&kind=push&limit=${MOST + 1}`);
    // What cannot be asked is no news.
    if (result.ok) this.count = result.value.items.length;
  };

  /** As it stands in a small place. */
  get text(): string {
    return this.count > MOST ? `${MOST}+` : String(this.count);
  }
}

export const undelivered = new Undelivered();
