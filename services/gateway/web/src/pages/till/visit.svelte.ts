import { newOperationId } from '$lib/api';
import { centsOf, earnedBy, inked } from './ink';
import { isAway, net } from './net.svelte';
import { outbox } from './outbox.svelte';
import type { Refusal } from './refusals';
import { shift } from './shift.svelte';
import { heardRead, heardRefusal, heardReward, heardStamp } from './sound';
import type { Allowed, Card, Program, Reward, Scan, Stamped } from './types';
import { type Change, undos } from './undos.svelte';

/** Back to the camera by itself; later when there is a reward to talk about. */
const RETURN_MS = 2_000;
const RETURN_WITH_REWARD_MS = 8_000;
/** Longer than this nobody waits for a scan: the stamp is stored meanwhile. */
const PATIENCE_MS = 4_000;
/** An answer this late is still worth having: she may stand there yet. */
const LATE_MS = 20_000;

type Stage = 'none' | 'reading' | 'open' | 'stamping' | 'stamped';

/** One customer at the counter, from the scan to the next. */
class Visit {
  stage = $state<Stage>('none');
  name = $state('');
  customerId = $state<string>();
  card = $state.raw<Card>();
  program = $state.raw<Program>();
  rewards = $state.raw<Reward[]>([]);
  allowed = $state.raw<Allowed>({ now: true });
  /** Scanned without a connection: nothing of the card is known, and the stamp is stored. */
  stored = $state(false);
  problem = $state.raw<Refusal>();
  count = $state(1);
  amount = $state('');
  /** How many stamps just came down. */
  fresh = $state(0);
  /** What this visit gave, once it did. */
  given = $state(0);
  /** What it gave was taken back: there is nothing left to be called done. */
  undone = $state(false);
  /** The name came after the screen had opened without one. */
  late = $state(false);
  redeeming = $state<string>();
  scanId = $state<string>();
  #code: string | undefined;
  /** The stamp being asked for: one id until it is answered, whatever happens between. */
  #intent = $state<string>();
  /** The stamp that the screen calls done, as the undo knows it, and the card before it. */
  #gave: string | undefined;
  #before: Card | undefined;
  #handing = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts the customers: what was asked for an earlier one is not shown to this one. */
  #turn = 0;

  constructor() {
    undos.onUndone = (change) => this.#undone(change);
    // Where it was a late answer that brought the line back, that answer is taken first.
    net.onBack(() => setTimeout(() => this.#askAgain()));
  }

  bySoles = $derived(Boolean(this.program?.rules.cents_per_stamp));
  cents = $derived(centsOf(this.amount));
  earns = $derived(this.program && this.bySoles ? earnedBy(this.cents, this.card?.carried_cents ?? 0, this.program).count : this.count);
  /** An asked-for stamp whose outcome is not known may only be asked for again, as it was. */
  frozen = $derived(this.#intent !== undefined);
  /** There is nothing to press but the next card: not read, or a limit that only the clock heals. */
  blocked = $derived.by(() => {
    if (this.stage !== 'open') return false;
    if (!this.card && !this.stored) return true;
    return this.problem?.kind === 'limit-reached' && (!this.allowed.now || this.problem.reason !== 'max_per_visit');
  });
  /** The camera may bring the next card. */
  ready = $derived(this.stage === 'none' || this.stage === 'stamped' || (this.blocked && !this.frozen));
  canStamp = $derived(this.stage === 'open' && (!this.bySoles || this.cents > 0) && (!this.stored || !outbox.full));

  async scan(code: string): Promise<void> {
    this.#begin('reading');
    this.#code = code;
    heardRead();
    if (!net.offline) return this.#ask(code);
    this.#openStored();
    // It was away when it was last asked.
    await net.probe();
  }

  /** Found by name: the card is known, its rewards come after. */
  async choose(customerId: string, name: string, card: Card): Promise<void> {
    this.#begin('open');
    this.#open(name, card, shift.program(card.program_id), [], { now: true });
    this.customerId = customerId;
    const result = await shift.ask<{ card: Card; program: Program; rewards: Reward[] }>('GET', `/api/v1/cards/${card.id}`);
    if (!result.ok || this.card?.id !== card.id) return;
    this.program = result.value.program;
    this.rewards = result.value.rewards.filter(({ state }) => state === 'open');
    if (this.stage === 'open') this.card = result.value.card;
  }

  /** `override` is a manager's reason to pass a limit. */
  async stamp(override?: string): Promise<void> {
    // A second tap finds another stage.
    if (!this.canStamp) return;
    const { card, count, name } = this;
    const gives = this.earns;
    const id = (this.#intent ??= newOperationId());
    const since = Date.now();
    const code = this.#code;
    this.stage = 'stamping';
    this.problem = undefined;
    this.#before = card;
    if (card) this.card = inked(card, gives);
    this.fresh = gives;
    heardStamp();
    const amount = this.bySoles ? { amount_cents: this.cents } : {};
    const operation = code && !override ? { operation_id: id, code, count, ...amount, occurred_at: new Date().toISOString(), ...(name && { name }) } : undefined;
    if (this.stored) {
      if (!operation || !(await outbox.store(operation))) return this.#takeBack(card, { kind: 'queue-full' });
      this.#done('stored', id, since, gives);
      // The line may have come back while her name had not.
      return void outbox.send();
    }
    if (operation) void outbox.hold(operation);
    const target = this.scanId ? { scan_id: this.scanId } : { card_id: card?.id };
    const result = await shift.ask<Stamped>('POST', '/api/v1/stamps', {
      body: { ...target, count, ...amount, ...(override && { override_reason: override }) },
      idempotencyKey: id,
    });
    if (result.ok) {
      if (operation) void outbox.release(id);
      if (card) this.card = { ...card, ...result.value.card };
      const unlocked = result.value.rewards_unlocked.map((reward) => ({ ...reward, state: 'open' as const, expires_at: null }));
      this.rewards = [...this.rewards, ...unlocked];
      return this.#done('stamp', result.value.stamp_id, since, gives);
    }
    if (isAway(result.problem)) {
      if (!operation) return this.#takeBack(card, result.problem, true);
      // Under the same id: if the server did hear us, the batch will be told so.
      await outbox.defer(id);
      this.stored = true;
      return this.#done('stored', id, since, gives);
    }
    if (operation) void outbox.release(id);
    this.#takeBack(card, result.problem);
  }

  async redeem(reward: Reward): Promise<void> {
    if (this.redeeming || net.offline) return;
    clearTimeout(this.#timer);
    this.redeeming = reward.id;
    this.problem = undefined;
    const since = Date.now();
    const key = this.#handing.get(reward.id) ?? newOperationId();
    this.#handing.set(reward.id, key);
    const result = await shift.ask('POST', `/api/v1/rewards/${reward.id}/redeem`, { body: { ...(this.scanId && { scan_id: this.scanId }) }, idempotencyKey: key });
    this.redeeming = undefined;
    if (!result.ok) {
      if (!isAway(result.problem)) this.#handing.delete(reward.id);
      heardRefusal();
      this.problem = result.problem;
      return;
    }
    this.#handing.delete(reward.id);
    this.#set(reward.id, 'redeemed');
    undos.add('reward', reward.id, this.name, 1, since);
    heardReward();
    if (this.stage === 'stamped') this.#comeBack();
  }

  close = (): void => {
    clearTimeout(this.#timer);
    this.stage = 'none';
    this.problem = undefined;
    this.card = undefined;
    this.#gave = undefined;
  };

  /** Asks whose card it is. Patience is short and the wait is long: the screen opens without a name, and gets it if it comes. */
  async #ask(code: string): Promise<void> {
    const turn = this.#turn;
    const patience = setTimeout(() => {
      if (turn !== this.#turn || this.stage !== 'reading') return;
      net.lost();
      this.#openStored();
    }, PATIENCE_MS);
    const result = await shift.ask<Scan>('POST', '/api/v1/scans', { body: { code }, timeoutMs: LATE_MS, withinMs: LATE_MS });
    clearTimeout(patience);
    if (turn !== this.#turn || !this.#unread) return;
    if (!result.ok && isAway(result.problem)) {
      if (this.stage === 'reading') this.#openStored();
      return;
    }
    this.late = this.stored;
    this.stored = false;
    this.problem = undefined;
    if (!result.ok) return this.#refuse(result.problem);
    const { scan_id, customer, card, program, rewards, allowed } = result.value;
    this.scanId = scan_id;
    this.#open(customer.first_name, card, program, rewards, allowed);
    this.customerId = customer.id;
  }

  /** Nobody knows yet whose card it is, and nothing was stamped on it. */
  get #unread(): boolean {
    return this.stage === 'reading' || (this.stage === 'open' && this.stored);
  }

  #askAgain(): void {
    if (this.#code !== undefined && this.stage === 'open' && this.stored && !net.offline) void this.#ask(this.#code);
  }

  #begin(stage: Stage): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#handing.clear();
    this.#code = undefined;
    this.#intent = undefined;
    this.stage = stage;
    this.scanId = undefined;
    this.customerId = undefined;
    this.card = undefined;
    this.program = undefined;
    this.rewards = [];
    this.allowed = { now: true };
    this.problem = undefined;
    this.stored = false;
    this.name = '';
    this.count = 1;
    this.amount = '';
    this.fresh = 0;
    this.given = 0;
    this.undone = false;
    this.late = false;
    this.#gave = undefined;
  }

  #open(name: string, card: Card, program: Program | undefined, rewards: Reward[], allowed: Allowed): void {
    this.name = name;
    this.card = card;
    this.program = program;
    this.rewards = rewards;
    this.allowed = allowed;
    if (!allowed.now) {
      this.problem = { kind: 'limit-reached', reason: allowed.reason, until: allowed.until };
      heardRefusal();
    }
    this.stage = 'open';
  }

  /** A business with one program has one kind of card; with several, which it is will be known later. */
  #openStored(): void {
    this.stored = true;
    const programs = shift.roster?.programs ?? [];
    this.program = programs.length === 1 ? programs[0] : undefined;
    this.stage = 'open';
  }

  #refuse(problem: Refusal): void {
    heardRefusal();
    this.problem = problem;
    this.stage = 'open';
  }

  #takeBack(card: Card | undefined, problem: Refusal, keepsIntent = false): void {
    this.card = card;
    this.fresh = 0;
    if (!keepsIntent) this.#intent = undefined;
    this.#refuse(problem);
  }

  #done(what: 'stamp' | 'stored', id: string, since: number, gives: number): void {
    this.#intent = undefined;
    this.#gave = id;
    this.given = gives;
    this.undone = false;
    this.stage = 'stamped';
    undos.add(what, id, this.name, gives, since);
    this.#comeBack();
  }

  #comeBack(): void {
    clearTimeout(this.#timer);
    const hasReward = this.rewards.some(({ state }) => state === 'open');
    this.#timer = setTimeout(this.close, hasReward ? RETURN_WITH_REWARD_MS : RETURN_MS);
  }

  #set(rewardId: string, state: Reward['state']): void {
    this.rewards = this.rewards.map((reward) => (reward.id === rewardId ? { ...reward, state } : reward));
  }

  #undone({ id, card, takenBack = [] }: Change): void {
    this.#set(id, 'open');
    if (id === this.#gave) {
      this.undone = true;
      this.card = this.#before;
      this.fresh = 0;
    }
    this.rewards = this.rewards.filter((reward) => !takenBack.includes(reward.id));
    if (!card || this.card?.id !== card.id) return;
    this.card = { ...this.card, ...card };
    this.fresh = 0;
  }
}

export const visit = new Visit();
