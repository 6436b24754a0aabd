import { request } from '$lib/api';
import { type ApiProblem, isNetwork } from '$lib/problem';

/** How often a till without a connection looks whether it is back. */
const PROBE_MS = 8_000;

/** No judgement came: no network, no answer in time, or a server that is away. */
export const isAway = (problem: ApiProblem): boolean => isNetwork(problem) || (problem.status >= 502 && problem.status <= 504) || problem.kind === 'unavailable';

/** The phone itself says that it has no network. */
const hasNone = (): boolean => globalThis.navigator?.onLine === false;

/** Whether the server can be reached, as the last request found it. */
class Net {
  offline = $state(hasNone());
  #probe: ReturnType<typeof setInterval> | undefined;
  #back = new Set<() => void>();

  constructor() {
    globalThis.addEventListener?.('offline', () => this.lost());
    globalThis.addEventListener?.('online', () => void this.probe());
    if (this.offline) this.lost();
  }

  /** Each answer tells: a refusal is also a sign of life. */
  heard(problem?: ApiProblem): void {
    if (problem && isAway(problem)) this.lost();
    // What was on its way when the connection went is still heard: while the phone says that there is none, it takes a newer answer.
    else if (this.offline && hasNone()) void this.#ask();
    else this.found();
  }

  onBack(listener: () => void): void {
    this.#back.add(listener);
  }

  lost(): void {
    this.offline = true;
    this.#probe ??= setInterval(() => void this.probe(), PROBE_MS);
  }

  found(): void {
    if (!this.offline) return;
    this.offline = false;
    clearInterval(this.#probe);
    this.#probe = undefined;
    this.#back.forEach((listener) => listener());
  }

  async probe(): Promise<void> {
    if (this.offline && !hasNone()) await this.#ask();
  }

  async #ask(): Promise<void> {
    // Without a token it is refused, and a refusal is all that is needed.
    const result = await request('GET', '/api/v1/till', { timeoutMs: 4_000 });
    if (!result.ok && isAway(result.problem)) this.lost();
    else this.found();
  }
}

export const net = new Net();
