import { newOperationId } from '$lib/api';
import { centsOf, earnedBy, inked } from './ink';
import { isAway, net } from './net.svelte';
import { outbox } from './outbox.svelte';
import type { Refusal } from './refusals';
import { shift } from './shift.svelte';
import { heardRead, heardRefusal, heardReward, heardStamp } from './sound';
import type { Allowed, Card, CardState, Program, Reward, Scan, Stamped } from './types';
import { undos } from './undos.svelte';

/** Back to the camera by itself; later when there is a reward to talk about. */
const RETURN_MS = 2_000;
const RETURN_WITH_REWARD_MS = 8_000;

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
  redeeming = $state<string>();
  scanId = $state<string>();
  #code: string | undefined;
  /** The stamp being asked for: one id until it is answered, whatever happens between. */
  #intent = $state<string>();
  #handing = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    undos.onUndone = (change) => this.#undone(change);
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
    if (net.offline) return this.#openStored();
    const result = await shift.ask<Scan>('POST', '/api/v1/scans', { body: { code } });
    if (this.#code !== code || this.stage !== 'reading') return;
    if (!result.ok) return isAway(result.problem) ? this.#openStored() : this.#refuse(result.problem);
    const { scan_id, customer, card, program, rewards, allowed } = result.value;
    this.scanId = scan_id;
    this.#open(customer.first_name, card, program, rewards, allowed);
    this.customerId = customer.id;
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
    if (card) this.card = inked(card, gives);
    this.fresh = gives;
    heardStamp();
    const amount = this.bySoles ? { amount_cents: this.cents } : {};
    const operation = code && !override ? { operation_id: id, code, count, ...amount, occurred_at: new Date().toISOString(), ...(name && { name }) } : undefined;
    if (this.stored) {
      if (operation && (await outbox.store(operation))) return this.#done('stored', id, since, gives);
      return this.#takeBack(card, { kind: 'queue-full' });
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
  };

  #begin(stage: Stage): void {
    clearTimeout(this.#timer);
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
    this.given = gives;
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

  #undone({ card, takenBack = [], reopened }: { card?: CardState; takenBack?: string[]; reopened?: string }): void {
    if (reopened) this.#set(reopened, 'open');
    this.rewards = this.rewards.filter(({ id }) => !takenBack.includes(id));
    if (!card || this.card?.id !== card.id) return;
    this.card = { ...this.card, ...card };
    this.fresh = 0;
  }
}

export const visit = new Visit();
