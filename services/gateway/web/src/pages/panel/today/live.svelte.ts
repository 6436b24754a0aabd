import type { ApiProblem } from '$lib/api';
import { openLive, type LiveStatus } from '$lib/live';
import { ask, session } from '../account.svelte';
import { tellNews } from '../messages/news';
import type { Dashboard } from '../types';
import { EMPTY, receive, refreshed, type Feed } from './feed';

const KEPT = 'sello.panel.dashboard';
/** The comparison with "a esta hora" ages by itself; this often it is asked for anew. */
const REFRESH_MS = 5 * 60_000;

function kept(): Dashboard | undefined {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Today, as it happens. Stays open while one walks through the other rooms, so that nothing is missed. */
class Live {
  feed = $state.raw<Feed>(EMPTY);
  status = $state<LiveStatus>('waiting');
  /** When the stream was last known to be whole. */
  wholeAt = $state<number>();
  problem = $state.raw<ApiProblem>();
  /** What is shown is from an earlier visit. */
  old = $state(false);
  #stream: { close(): void } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #asking = false;

  open = (): void => {
    if (this.#stream) return;
    const before = kept();
    if (before) {
      this.feed = { ...EMPTY, dashboard: before };
      this.old = true;
    }
    this.#stream = openLive({
      token: session.token,
      onMessage: (message) => {
        this.#take(receive(this.feed, message));
        tellNews(message);
      },
      onStatus: (status) => {
        if (status === 'live' || this.status === 'live') this.wholeAt = Date.now();
        this.status = status;
      },
    });
    void this.refresh();
    this.#timer = setInterval(() => document.hidden || void this.refresh(), REFRESH_MS);
    const stop = session.onChange((signedIn) => {
      if (signedIn) return;
      stop();
      this.close();
    });
  };

  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
    clearInterval(this.#timer);
    this.feed = EMPTY;
    this.wholeAt = undefined;
  }

  refresh = async (): Promise<void> => {
    if (this.#asking) return;
    this.#asking = true;
    const result = await ask<Dashboard>('GET', '/api/v1/dashboard');
    this.#asking = false;
    if (!this.#stream) return;
    this.problem = result.ok ? undefined : result.problem;
    if (result.ok) this.#take(refreshed(this.feed, result.value));
  };

  #take(feed: Feed): void {
    const wasStale = this.feed.stale;
    this.feed = feed;
    if (feed.countedAt) {
      this.old = false;
      this.problem = undefined;
    }
    // Once: a server that cannot count now is not to be hurried by every event.
    if (feed.stale && !wasStale) void this.refresh();
    try {
      if (feed.dashboard && !this.old) localStorage.setItem(KEPT, JSON.stringify(feed.dashboard));
    } catch {
      // Then the next visit begins empty.
    }
  }
}

export const live = new Live();
