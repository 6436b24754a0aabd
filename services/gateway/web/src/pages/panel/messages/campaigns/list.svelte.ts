import type { ApiProblem } from '$lib/api';
import { ask } from '../../account.svelte';
import { live } from '../../today/live.svelte';
import type { Page } from '../../types';
import { onNews } from '../news';
import type { Campaign } from '../types';
import { isMoving } from './progress';

const PAGE = 20;
/** Without the stream, this often. */
const LOOK_MS = 5_000;

/** The campaigns that somebody wrote, newest first, as they move. */
export class CampaignList {
  items = $state.raw<Campaign[]>();
  cursor = $state<string | null>(null);
  problem = $state.raw<ApiProblem>();
  busy = $state(false);
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
    // A look at the first page must not take away what was asked for below it.
    const limit = after === null ? Math.min(100, Math.max(PAGE, this.items?.length ?? 0)) : PAGE;
    this.busy = true;
    const result = await ask<Page<Campaign>>('GET', `/api/v1/campaigns?limit=${limit}${after === null ? '' : `&cursor=${encodeURIComponent(after)}`}`);
    this.busy = false;
    this.problem = result.ok ? undefined : result.problem;
    if (!result.ok) return;
    this.items = after === null ? result.value.items : [...(this.items ?? []), ...result.value.items];
    this.cursor = result.value.next_cursor;
  }
}
