import type { ApiProblem } from '$lib/api';
import { ask } from '../account.svelte';
import type { Customer, Delivery, Page } from '../types';

/** So many at a time: each row asks whose it is. */
const PAGE = 20;

/** Updates that have not arrived, of one status; page by page, with the names of those they are for. */
export class LateList {
  items = $state.raw<Delivery[]>();
  cursor = $state<string | null>(null);
  problem = $state.raw<ApiProblem>();
  busy = $state(false);
  /** Customers' names by id, as they come. */
  names = $state<Record<string, string>>({});

  constructor(readonly status: 'dead' | 'waiting') {}

  /** Asks for the first page anew. What is shown stays until the answer is there. */
  load = (): Promise<void> => this.#ask(null);

  more = (): Promise<void> => this.#ask(this.cursor);

  async #ask(after: string | null): Promise<void> {
    // A look at the first page must not take away what was asked for below it.
    const limit = after === null ? Math.min(100, Math.max(PAGE, this.items?.length ?? 0)) : PAGE;
    this.busy = true;
    const result = await ask<Page<Delivery>>('GET', `/api/v1/deliveries?status=${this.status}&kind=push&limit=${limit}${after === null ? '' : `&cursor=${encodeURIComponent(after)}`}`);
    this.busy = false;
    this.problem = result.ok ? undefined : result.problem;
    if (!result.ok) return;
    this.items = after === null ? result.value.items : [...(this.items ?? []), ...result.value.items];
    this.cursor = result.value.next_cursor;
    void this.#name(result.value.items);
  }

  /** One after the other: names may come late, and nobody is to be hurried by them. */
  async #name(items: Delivery[]): Promise<void> {
    for (const { customer_id } of items) {
      if (customer_id in this.names) continue;
      this.names[customer_id] = '';
      const result = await ask<Customer>('GET', `/api/v1/customers/${customer_id}`);
      if (result.ok) this.names[customer_id] = result.value.name;
    }
  }
}
