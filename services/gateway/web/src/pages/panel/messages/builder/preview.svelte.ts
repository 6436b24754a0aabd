import type { ApiProblem } from '$lib/api';
import { ask } from '../../account.svelte';
import type { Preview } from '../types';

/** Long enough to type the next digit. */
const PAUSE_MS = 350;

/** How many an audience is, asked anew as it changes; an answer overtaken by a later question is dropped. */
export class LivePreview {
  value = $state.raw<Preview>();
  problem = $state.raw<ApiProblem>();
  busy = $state(false);
  #asked = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop: AbortController | undefined;

  /** Asks, unless it is what was asked last. The first question is not kept waiting. */
  ask(question: object): void {
    const body = JSON.stringify(question);
    if (body === this.#asked) return;
    const isFirst = this.#asked === '';
    this.#asked = body;
    this.busy = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send(question), isFirst ? 0 : PAUSE_MS);
  }

  again = (): void => void this.#send(JSON.parse(this.#asked) as object);

  close(): void {
    clearTimeout(this.#timer);
    this.#stop?.abort();
  }

  async #send(question: object): Promise<void> {
    this.#stop?.abort();
    const stop = new AbortController();
    this.#stop = stop;
    this.busy = true;
    const result = await ask<Preview>('POST', '/api/v1/audiences/preview', { body: question, signal: stop.signal });
    if (stop.signal.aborted) return;
    this.busy = false;
    this.problem = result.ok ? undefined : result.problem;
    if (result.ok) this.value = result.value;
  }
}
