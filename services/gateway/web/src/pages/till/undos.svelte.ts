import { newOperationId } from '$lib/api';
import { outbox } from './outbox.svelte';
import type { Refusal } from './refusals';
import { shift } from './shift.svelte';
import { remember, remembered } from './storage';
import { inTime, UNDO_MS, type Undoable } from './undo';
import type { CardState, Reward, Voided } from './types';

const SAID_MS = 5_000;
const KEPT_AS = 'undo';

/** What an undo changed: of the stamp, reward or waiting operation `id`, and what followed from it. */
export interface Change {
  id: string;
  card?: CardState;
  takenBack?: string[];
}

export type Undone = { ok: true; name: string; what: Undoable['what'] } | { ok: false; problem: Refusal };

/** What this till did in the last minute and can take back, even where its page was loaded anew in between. */
class Undos {
  #list = $state.raw<readonly Undoable[]>([]);
  now = $state(Date.now());
  /** How the last undo went, for a few seconds. */
  said = $state.raw<Undone>();
  /** Told of each undo: what it took back may be on the screen. */
  onUndone: ((change: Change) => void) | undefined;

  list = $derived(inTime(this.#list, this.now));
  #clock: ReturnType<typeof setInterval> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const kept = remembered<Undoable[]>(KEPT_AS, 'sessionStorage') ?? [];
    // What was being taken back when the page went is asked again under its own key, and acts once.
    this.#keep(inTime(kept.map((entry) => ({ ...entry, busy: false })), this.now));
    if (this.#list.length) this.#watch();
  }

  /** `since` is when it was asked for: the server's minute began no earlier. */
  add(what: Undoable['what'], id: string, name: string, count: number, since: number): void {
    this.now = Date.now();
    // The newest deed is the one spoken of.
    this.hush();
    const entry: Undoable = { key: newOperationId(), what, id, name, count, until: since + UNDO_MS, busy: false };
    this.#keep([entry, ...inTime(this.#list, this.now)]);
    this.#watch();
  }

  async undo(entry: Undoable): Promise<void> {
    if (entry.busy) return;
    this.#put({ ...entry, busy: true });
    const problem = await this.#ask(entry);
    const again = problem?.kind === 'offline' || problem?.kind === 'timeout';
    if (again) this.#put({ ...entry, busy: false });
    else this.#keep(this.#list.filter(({ key }) => key !== entry.key));
    this.#say(problem ? { ok: false, problem } : { ok: true, name: entry.name, what: entry.what });
  }

  hush = (): void => {
    clearTimeout(this.#quiet);
    this.said = undefined;
  };

  async #ask({ key, what, id }: Undoable): Promise<Refusal | undefined> {
    if (what === 'stored') {
      if (!(await outbox.withdraw(id))) return { kind: 'undo-too-late' };
      this.onUndone?.({ id });
      return undefined;
    }
    if (what === 'reward') {
      const result = await shift.ask<{ reward: Reward }>('POST', `/api/v1/rewards/${id}/unredeem`, { body: {}, idempotencyKey: key });
      if (!result.ok) return result.problem;
      this.onUndone?.({ id });
      return undefined;
    }
    const result = await shift.ask<Voided>('POST', `/api/v1/stamps/${id}/void`, { body: {}, idempotencyKey: key });
    if (!result.ok) return result.problem;
    this.onUndone?.({ id, card: result.value.card, takenBack: result.value.rewards_taken_back });
    return undefined;
  }

  #put(entry: Undoable): void {
    this.#keep(this.#list.map((other) => (other.key === entry.key ? entry : other)));
  }

  #keep(list: readonly Undoable[]): void {
    this.#list = list;
    remember(KEPT_AS, list.length ? list : undefined, 'sessionStorage');
  }

  #watch(): void {
    this.#clock ??= setInterval(() => this.#tick(), 250);
  }

  #say(undone: Undone): void {
    clearTimeout(this.#quiet);
    this.said = undone;
    this.#quiet = setTimeout(this.hush, SAID_MS);
  }

  #tick(): void {
    this.now = Date.now();
    if (this.list.length) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
    this.#keep([]);
  }
}

export const undos = new Undos();
