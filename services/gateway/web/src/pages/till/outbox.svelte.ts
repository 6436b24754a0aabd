import { device } from './device.svelte';
import { isAway, net } from './net.svelte';
import { add, type BatchResult, defer, drop, giveBack, isFull, type NewOperation, type Operation, payloadOf, type Queue, recover, refused, settle, take, waiting, withdraw } from './queue';
import type { Refusal } from './refusals';
import { shift } from './shift.svelte';
import { readAll, write } from './storage';

const BATCH_MS = 20_000;

/** The queue of this till: in memory for the screen, on the disk before anything is said to be stored. */
class Outbox {
  #queue = $state.raw<Queue>([]);
  sending = $state(false);
  /** Why a whole batch was not taken; its stamps are still here. */
  problem = $state.raw<Refusal>();

  waiting = $derived(waiting(this.#queue));
  refused = $derived(refused(this.#queue));
  full = $derived(isFull(this.#queue));

  constructor() {
    net.onBack(() => void this.send());
  }

  async load(): Promise<void> {
    const kept = await readAll<Operation>('queue').catch(() => []);
    await this.#become(recover(kept.toSorted((one, other) => one.occurred_at.localeCompare(other.occurred_at))));
  }

  /** Written before its request is sent, so that a stamp outlives a page that dies meanwhile. */
  async hold(operation: NewOperation): Promise<void> {
    // A disk that fails is no reason not to stamp: then the request alone carries it.
    await this.#become(add(this.#queue, operation, 'live')).catch(() => undefined);
  }

  /** Its request was answered. */
  release = (id: string): Promise<void> => this.#become(drop(this.#queue, id));

  /** Its request got no answer. */
  defer = (id: string): Promise<void> => this.#become(defer(this.#queue, id));

  /** Stored for later; false when there is no room, or the browser would not keep it. */
  async store(operation: NewOperation): Promise<boolean> {
    if (this.full || !device.canSign) return false;
    try {
      await this.#become(add(this.#queue, operation, 'queued'));
      return true;
    } catch {
      this.#queue = drop(this.#queue, operation.operation_id);
      return false;
    }
  }

  /** Takes back what has not left. */
  async withdraw(id: string): Promise<boolean> {
    const next = withdraw(this.#queue, id);
    if (next) await this.#become(next);
    return next !== undefined;
  }

  acknowledge = (id: string): Promise<void> => this.#become(drop(this.#queue, id));

  /** Sends all that waits, batch after batch, while there is a connection and somebody to answer for it. */
  async send(): Promise<void> {
    if (this.sending || net.offline || shift.needsPin || !device.canSign) return;
    this.sending = true;
    this.problem = undefined;
    while (waiting(this.#queue).length && (await this.#sendOne()));
    this.sending = false;
  }

  async #sendOne(): Promise<boolean> {
    const { queue, batch } = take(this.#queue);
    await this.#become(queue);
    const payload = payloadOf(batch, new Date());
    const signature = await device.sign(payload);
    const result = await shift.ask<{ results: BatchResult[] }>('POST', '/api/v1/stamps/batch', {
      body: { payload, signature },
      timeoutMs: BATCH_MS,
      withinMs: BATCH_MS,
    });
    if (result.ok) {
      await this.#become(settle(this.#queue, batch, result.value.results));
      // An answer that mentions none of them would be asked for again and again.
      return result.value.results.length > 0;
    }
    await this.#become(giveBack(this.#queue, batch));
    if (!isAway(result.problem)) this.problem = result.problem;
    return false;
  }

  /** The disk follows the memory: what changed, in one transaction. */
  async #become(next: Queue): Promise<void> {
    const before = this.#queue;
    if (next === before) return;
    this.#queue = next;
    const stays = new Set(next.map(({ operation_id }) => operation_id));
    const known = new Set(before);
    await write('queue', (objects) => {
      for (const operation of next) if (!known.has(operation)) objects.put(operation);
      for (const { operation_id } of before) if (!stays.has(operation_id)) objects.delete(operation_id);
    });
  }
}

export const outbox = new Outbox();
