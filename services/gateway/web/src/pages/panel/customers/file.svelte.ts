import { newOperationId, type ApiProblem } from '$lib/api';
import { ask } from '../account.svelte';
import { Loaded } from '../load.svelte';
import type { Customer, Entry, Reward } from '../types';

interface Ledger {
  items: Entry[];
  rewards: Reward[];
  next_cursor: string | null;
}

/** One customer's record: who she is, and everything that happened to her cards. */
export class CustomerFile {
  readonly customer: Loaded<Customer>;
  readonly ledger: Loaded<Ledger>;
  entries = $state.raw<Entry[]>([]);
  more = $state.raw<string | null>(null);
  paging = $state(false);

  constructor(readonly id: string) {
    this.customer = new Loaded<Customer>(() => ask('GET', `/api/v1/customers/${id}`));
    this.ledger = new Loaded<Ledger>(() => ask('GET', `/api/v1/customers/${id}/ledger`));
  }

  load = async (): Promise<void> => {
    await Promise.all([this.customer.load(), this.ledger.load()]);
    this.entries = this.ledger.value?.items ?? [];
    this.more = this.ledger.value?.next_cursor ?? null;
  };

  older = async (): Promise<void> => {
    if (this.more === null || this.paging) return;
    this.paging = true;
    const result = await ask<Ledger>('GET', `/api/v1/customers/${this.id}/ledger?cursor=${encodeURIComponent(this.more)}`);
    this.paging = false;
    if (!result.ok) return;
    this.entries = [...this.entries, ...result.value.items];
    this.more = result.value.next_cursor;
  };

  /** Hands a reward over, or takes that back; shown at once, and put right again if the server says no. */
  settle = async (reward: Reward, verb: 'redeem' | 'unredeem'): Promise<ApiProblem | undefined> => {
    const before = this.ledger.value;
    if (!before) return undefined;
    const now = new Date().toISOString();
    const after: Reward = verb === 'redeem' ? { ...reward, state: 'redeemed', redeemed_at: now } : { ...reward, state: 'open', redeemed_at: null };
    this.ledger.value = { ...before, rewards: before.rewards.map((one) => (one.id === reward.id ? after : one)) };
    const result = await ask('POST', `/api/v1/rewards/${reward.id}/${verb}`, { body: {}, idempotencyKey: newOperationId() });
    if (result.ok) return undefined;
    this.ledger.value = before;
    return result.problem;
  };
}
