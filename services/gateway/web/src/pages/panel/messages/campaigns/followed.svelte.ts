import { ask } from '../../account.svelte';
import { Loaded } from '../../load.svelte';
import { live } from '../../today/live.svelte';
import { onNews } from '../news';
import type { Campaign, Counts, Results, Template } from '../types';
import { isMoving, progressed } from './progress';

/** Without the stream, this often; with it, each sixth time: results and costs do not come over it. */
const LOOK_MS = 5_000;
const SELDOM = 6;

/** One campaign, as it moves. */
export class Followed {
  campaign: Loaded<Campaign>;
  results: Loaded<Results>;
  templates = new Loaded<{ items: Template[] }>(() => ask('GET', '/api/v1/templates'));
  #progress = $state.raw<{ version: number; counts: Counts }>();

  constructor(readonly id: string) {
    this.campaign = new Loaded(() => ask('GET', `/api/v1/campaigns/${id}`));
    this.results = new Loaded(() => ask('GET', `/api/v1/campaigns/${id}/results`));
  }

  /** The latest that is known of how far it is. */
  get counts(): Counts | undefined {
    return this.#progress?.counts ?? this.campaign.value?.counts;
  }

  load = async (): Promise<void> => {
    const before = this.#progress;
    await this.campaign.load();
    // The stream may have told more while the answer was on its way.
    if (before && this.#progress === before) this.#progress = undefined;
    if (this.campaign.value?.launched_at) await this.results.load();
  };

  /** What an action answered. */
  take(campaign: Campaign): void {
    this.campaign.value = campaign;
    this.#progress = undefined;
  }

  /** Looks at it until the answer is called. */
  follow(): () => void {
    void this.load();
    void this.templates.once();
    const stop = onNews((news) => {
      if (news.name === 'resync') void this.load();
      if (!('campaign_id' in news) || news.campaign_id !== this.id) return;
      if (news.name === 'campaign_changed') void this.load();
      const counts = this.counts;
      if (news.name === 'campaign_progressed' && counts) this.#progress = progressed(this.#progress ?? { version: -1, counts }, news);
    });
    let looks = 0;
    const timer = setInterval(() => {
      const campaign = this.campaign.value;
      if (document.hidden || !campaign || !isMoving(campaign)) return;
      looks++;
      if (live.status !== 'live' || looks % SELDOM === 0) void this.load();
    }, LOOK_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }
}
