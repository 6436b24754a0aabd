import { type ApiProblem, request } from '$lib/api';
import type { CardState, CardView, Reward } from '$lib/cardview';
import { keepCard } from '$lib/keptcards';
import { type LiveMessage, openLive } from '$lib/live';
import { isNetwork, localProblem } from '$lib/problem';
import { LINKS_FRESH_MS } from '$lib/wallets';
import { fresherThan, grownBy } from './progress';

/** How often a page in sight asks, while the live stream is away. */
const POLL_MS = 12_000;
/** After a live change the history is asked for too, a little later: tills often stamp twice. */
const SETTLE_MS = 700;
const VIBRATION_MS = 35;
const REFUSED = new Set([401, 403, 404, 410]);

export interface Followed {
  id: string;
  token: string;
  trial?: string;
  seen?: { at: number; view: CardView };
}

/** A card kept true while it is looked at: live where that works, by asking where it does not, as last seen otherwise. */
export class Follow {
  view = $state.raw<CardView>();
  /** When the server said so; milliseconds since 1970. */
  at = $state(0);
  /** How many of the last stamps came down just now. */
  fresh = $state(0);
  /** Why what is shown may be old. */
  problem = $state.raw<ApiProblem>();
  /** The token does not open this card, or no longer. */
  refused = $state(false);

  readonly #id: string;
  #token: string;
  #fallback?: string;
  #isLive = false;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #settling?: ReturnType<typeof setTimeout>;
  #stop = new AbortController();
  #live?: { close(): void };

  constructor({ id, token, trial, seen }: Followed) {
    this.#id = id;
    this.#token = trial ?? token;
    this.#fallback = trial && token;
    if (seen) [this.view, this.at] = [seen.view, seen.at];
  }

  get token(): string {
    return this.#token;
  }

  start(): void {
    const { signal } = this.#stop;
    void this.refresh();
    this.#live = openLive({
      path: `/api/v1/cards/${this.#id}/live`,
      token: async () => this.#token,
      hello: (holder_token) => ({ holder_token }),
      onMessage: (message) => this.#hear(message),
      onStatus: (status) => {
        const cut = this.#isLive && status === 'waiting';
        this.#isLive = status === 'live';
        if (cut) void this.refresh();
      },
    });
    this.#timers.push(setInterval(() => !document.hidden && !(this.#isLive && this.hasFreshLinks) && void this.refresh(), POLL_MS));
    document.addEventListener('visibilitychange', () => !document.hidden && void this.refresh(), { signal });
    globalThis.addEventListener('online', () => void this.refresh(), { signal });
    globalThis.addEventListener('offline', () => (this.problem = localProblem('offline')), { signal });
  }

  close(): void {
    this.#stop.abort();
    this.#live?.close();
    clearTimeout(this.#settling);
    this.#timers.forEach(clearInterval);
  }

  async refresh(): Promise<void> {
    const result = await request<CardView>('GET', `/api/v1/cards/${this.#id}`, { token: this.#token, authScheme: 'Card', signal: this.#stop.signal });
    if (this.#stop.signal.aborted) return;
    if (result.ok) return this.#take(result.value);
    const { problem } = result;
    if (!REFUSED.has(problem.status)) {
      this.problem = problem;
    } else if (this.#fallback) {
      // The link was an old one; what this phone held before still counts.
      this.#token = this.#fallback;
      this.#fallback = undefined;
      await this.refresh();
    } else {
      this.refused = true;
      this.close();
    }
  }

  /** A new code; what was scanned before no longer works. */
  async rotate(): Promise<ApiProblem | undefined> {
    const result = await request<{ code: string }>('POST', `/api/v1/cards/${this.#id}/rotate-code`, { token: this.#token, authScheme: 'Card' });
    if (!result.ok) return result.problem;
    // What rotating codes are made of has changed with it; until that is here, the new static one is shown.
    if (this.view) this.#show({ ...this.view, code: result.value.code, rotating: undefined });
    void this.refresh();
    return undefined;
  }

  #hear(message: LiveMessage): void {
    if (message.type === 'problem') {
      // A refused token is judged by the request, which knows of the other one; a stream without it would only knock on.
      this.#live?.close();
      void this.refresh();
      return;
    }
    if (message.type !== 'card' || !this.view) return;
    const card = message.card as CardState;
    if (fresherThan(this.view.card, card)) return;
    const changed = card.version !== this.view.card.version || (message.rewards as Reward[]).length !== this.view.rewards.length;
    this.#show({ ...this.view, card, rewards: (message.rewards as Reward[] | undefined) ?? this.view.rewards });
    if (!changed) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.refresh(), SETTLE_MS);
  }

  #take(view: CardView): void {
    this.#fallback = undefined;
    if (this.view && fresherThan(this.view.card, view.card)) return;
    const now = Date.now();
    this.#show({ ...view, told_at: now, clock_ahead: now - Date.parse(view.as_of ?? '') || 0 });
  }

  #show(view: CardView): void {
    const grown = this.view ? grownBy(this.view.card, view.card) : 0;
    if (grown > 0) {
      this.fresh = grown;
      if (!document.hidden) navigator.vibrate?.(VIBRATION_MS);
    }
    this.view = view;
    this.at = Date.now();
    this.problem = undefined;
    keepCard({ id: this.#id, token: this.#token, shop: view.business.name, slug: view.business.slug, openedAt: this.at, seen: { at: this.at, view } });
  }

  /** Whether the links to wallets still open. */
  get hasFreshLinks(): boolean {
    return Date.now() - (this.view?.told_at ?? 0) < LINKS_FRESH_MS;
  }

  get isCut(): boolean {
    return this.problem !== undefined && isNetwork(this.problem);
  }
}
