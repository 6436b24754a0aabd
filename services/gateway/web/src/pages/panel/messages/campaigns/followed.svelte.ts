import { ask } from '../../account.svelte';
import { Loaded } from '../../load.svelte';
import { live } from '../../today/live.svelte';
import { onNews } from '../news';
import type { Campaign, Counts, Failure, Results, Template } from '../types';
import { isMoving, progressed } from './progress';

/** Without the stream, this often; with it, each sixth time: results and costs do not come over it. */
const LOOK_MS = 5_000;
const SELDOM = 6;

/** One campaign, as it moves. */
export class Followed {
  campaign: Loaded<Campaign>;
  results: Loaded<Results>;
  failures: Loaded<{ failures: Failure[] }>;
  templates = new Loaded<{ items: Template[] }>(() => ask('GET', '/api/v1/templates'));
  /** Of how many failed the reasons were asked for last. */
  #asked = 0;
  #progress = $state.raw<{ version: number; counts: Counts }>();

  constructor(readonly id: string) {
    this.campaign = new Loaded(() => ask('GET', `/api/v1/campaigns/${id}`));
    this.results = new Loaded(() => ask('GET', `/api/v1/campaigns/${id}/results`));
    this.failures = new Loaded(() => ask('GET', `/api/v1/campaigns/${id}/failures`));
  }

  /** The latest that is known of how far it is. */
  get counts(): Counts | undefined {
    return this.#progress?.counts ?? this.campaign.value?.counts;
  }

  get hasFailures(): boolean {
    return this.#failed > 0;
  }

  get #failed(): number {
    return this.counts?.failed ?? 0;
  }

  load = async (): Promise<void> => {
    const before = this.#progress;
    await this.campaign.load();
    // The stream may have told more while the answer was on its way.
    if (before && this.#progress === before) this.#progress = undefined;
    this.#askWhy();
    if (this.campaign.value?.launched_at) await this.results.load();
  };

  /** Why some did not arrive is asked anew when more or fewer have not. */
  #askWhy(): void {
    if (this.#failed === this.#asked && !this.failures.problem) return;
    this.#asked = this.#failed;
    if (this.#failed > 0) void this.failures.load();
  }

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
      if (document.hidden || !campaign) return;
      this.#askWhy();
      if (!isMoving(campaign)) return;
      looks++;
      if (live.status !== 'live' || looks % SELDOM === 0) void this.load();
    }, LOOK_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }
}
