import { ask } from '../account.svelte';

/** A slider or a colour being looked for changes many times a second; the picture follows when the hand rests. */
const REST_MS = 300;

/** A part of a pass as the server would draw it. What came last stays until something newer is there. */
export class PassArt {
  /** An address of what came last. */
  url = $state<string>();
  /** It could not be had, and nothing came before. */
  away = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  #wanted = '';

  constructor(readonly kind: 'strip' | 'hero') {}

  /** Wants the picture of a look, said as the API's query. */
  want(look: string): void {
    if (look === this.#wanted) return;
    const isFirst = this.#wanted === '';
    this.#wanted = look;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(look), isFirst ? 0 : REST_MS);
  }

  async #ask(look: string): Promise<void> {
    const mine = ++this.#asked;
    const result = await ask<unknown>('GET', `/api/v1/pass-art?kind=${this.kind}&${look}`);
    if (mine !== this.#asked) return;
    const picture = result.ok && result.value instanceof Blob ? result.value : undefined;
    if (picture) {
      this.#forget();
      this.url = URL.createObjectURL(picture);
    }
    this.away = !picture && this.url === undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#asked++;
    this.#forget();
    this.url = undefined;
  }

  #forget(): void {
    if (this.url) URL.revokeObjectURL(this.url);
  }
}
