import type { ApiProblem } from '$lib/api';
import { ask } from '../../account.svelte';
import { live } from '../../today/live.svelte';
import type { Page } from '../../types';
import { onNews } from '../news';
import type { Campaign } from '../types';
import { isMoving, isShown } from './progress';

const PAGE = 20;
/** Without the stream, this often. */
const LOOK_MS = 5_000;

/** The campaigns that somebody wrote, newest first, as they move. */
export class CampaignList {
  items = $state.raw<Campaign[]>();
  cursor = $state<string | null>(null);
  problem = $state.raw<ApiProblem>();
  busy = $state(false);
  /** So many were told, those that are not shown among them. */
  #asked = 0;
  #versions = new Map<string, number>();

  load = (): Promise<void> => this.#ask(null);
  more = (): Promise<void> => this.#ask(this.cursor);

  /** Looks at them until the answer is called. */
  follow(): () => void {
    void this.load();
    const stop = onNews((news) => {
      if (news.name === 'resync' || news.name === 'campaign_changed') void this.load();
      if (news.name !== 'campaign_progressed' || news.version <= (this.#versions.get(news.campaign_id) ?? -1)) return;
      this.#versions.set(news.campaign_id, news.version);
      this.items = this.items?.map((one) => (one.campaign_id === news.campaign_id ? { ...one, counts: { ...one.counts, ...news.counts } } : one));
    });
    const timer = setInterval(() => {
      if (!document.hidden && live.status !== 'live' && this.items?.some(isMoving)) void this.load();
    }, LOOK_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }

  async #ask(after: string | null): Promise<void> {
    const before = after === null ? [] : (this.items ?? []);
    // A look at the first page must not take away what was asked for below it.
    const limit = after === null ? Math.min(100, Math.max(PAGE, this.#asked)) : PAGE;
    const found: Campaign[] = [];
    let asked = after === null ? 0 : this.#asked;
    let cursor = after;
    this.busy = true;
    do {
      const result = await ask<Page<Campaign>>('GET', `/api/v1/campaigns?limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      this.problem = result.ok ? undefined : result.problem;
      if (!result.ok) break;
      found.push(...result.value.items.filter(isShown));
      asked += result.value.items.length;
      cursor = result.value.next_cursor;
      // A page may hold nothing but drafts that were removed.
    } while (found.length === 0 && cursor !== null);
    this.busy = false;
    if (this.problem) return;
    this.items = [...before, ...found];
    this.cursor = cursor;
    this.#asked = asked;
  }
}
