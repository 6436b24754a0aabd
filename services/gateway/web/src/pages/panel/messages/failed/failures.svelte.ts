import type { ApiProblem } from '$lib/api';
import { ask } from '../../account.svelte';
import type { Page } from '../../types';
import type { FailedMessage } from '../types';

const PAGE = 30;

/** Messages that were given up, page by page. */
export class Failures {
  items = $state.raw<FailedMessage[]>();
  cursor = $state<string | null>(null);
  problem = $state.raw<ApiProblem>();
  busy = $state(false);

  load = (): Promise<void> => this.#ask(null);
  more = (): Promise<void> => this.#ask(this.cursor);

  async #ask(after: string | null): Promise<void> {
    const limit = after === null ? Math.min(100, Math.max(PAGE, this.items?.length ?? 0)) : PAGE;
    this.busy = true;
    const result = await ask<Page<FailedMessage>>('GET', `/api/v1/deliveries?status=dead&kind=message&limit=${limit}${after === null ? '' : `&cursor=${encodeURIComponent(after)}`}`);
    this.busy = false;
    this.problem = result.ok ? undefined : result.problem;
    if (!result.ok) return;
    this.items = after === null ? result.value.items : [...(this.items ?? []), ...result.value.items];
    this.cursor = result.value.next_cursor;
  }
}
