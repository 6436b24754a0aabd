import { ask } from './account.svelte';

/** More than this is many; nobody needs the exact number. */
const MOST = 99;

/** Messages of customers that nobody has read yet, for whoever is in another room. */
class Unread {
  count = $state(0);
  #asked = 0;

  /** So many are unread, as whoever asked for more than that knows. */
  is(count: number): void {
    this.#asked += 1;
    this.count = count;
  }

  load = async (): Promise<void> => {
    this.#asked += 1;
    const asked = this.#asked;
    const result = await ask<{ unread: number }>('GET', '/api/v1/inbox?limit=1');
    // What cannot be asked is no news, and neither is what a newer question has overtaken.
    if (result.ok && asked === this.#asked) this.count = result.value.unread ?? 0;
  };

  /** As it stands in a small place. */
  get text(): string {
    return this.count > MOST ? `${MOST}+` : String(this.count);
  }
}

export const unread = new Unread();
