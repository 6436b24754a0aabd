import type { ApiProblem } from '$lib/api';
import { ask, session } from '../account.svelte';
import type { Customer, Page } from '../types';
import type { Segment } from './segment';

const PAGE = 40;

/** A search and what was found so far. Kept while one looks at a customer, so that Back finds the list as it was. */
export class Found {
  search = $state('');
  segment = $state<Segment>();
  items = $state.raw<Customer[]>([]);
  total = $state<number>();
  problem = $state.raw<ApiProblem>();
  busy = $state(false);
  /** Whether an answer to this search has come. */
  known = $state(false);
  #cursor: string | null = null;
  #asked = 0;

  get more(): boolean {
    return this.#cursor !== null;
  }

  /** From the beginning. */
  begin = async (search: string, segment?: Segment): Promise<void> => {
    if (search !== this.search || segment !== this.segment) this.known = false;
    this.search = search;
    this.segment = segment;
    this.#cursor = null;
    await this.#load(true);
  };

  /** The next page, if there is one. */
  next = async (): Promise<void> => {
    if (!this.busy && this.#cursor !== null) await this.#load(false);
  };

  again = (): Promise<void> => this.#load(this.items.length === 0 || this.#cursor === null);

  async #load(afresh: boolean): Promise<void> {
    const mine = ++this.#asked;
    this.busy = true;
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (this.search) query.set('search', this.search);
    if (this.segment) query.set('segment', this.segment);
    if (!afresh && this.#cursor !== null) query.set('cursor', this.#cursor);
    const result = await ask<Page<Customer> & { total: number }>('GET', `/api/v1/customers?${query}`);
    if (mine !== this.#asked) return;
    this.busy = false;
    this.problem = result.ok ? undefined : result.problem;
    if (!result.ok) return;
    const known = new Set(afresh ? [] : this.items.map((one) => one.id));
    // A list that changes while it is paged through may repeat a row.
    this.items = [...(afresh ? [] : this.items), ...result.value.items.filter((one) => !known.has(one.id))];
    this.total = result.value.total;
    this.#cursor = result.value.next_cursor;
    this.known = true;
  }
}

export const found = new Found();

session.onChange((signedIn) => {
  if (signedIn) return;
  found.items = [];
  found.known = false;
  found.search = '';
  found.segment = undefined;
});
