import { holdoutPercent, type Way, wayOf } from '../builder/draft';
import type { Campaign } from '../types';

type Chosen = Pick<Campaign, 'channel_policy' | 'wallet_days' | 'holdout_percent'>;

/** By what way an automation is offered to go: as it was, and where it never went as a new campaign is, which costs least. */
export const offered = (automation: Chosen & Pick<Campaign, 'launched_at'>): Way => {
  const way = wayOf(automation);
  return automation.launched_at ? way : { ...way, policy: 'wallet_first' };
};

/** What of an automation must be changed for it to go this way; undefined where nothing must. */
export function changeOf(automation: Chosen, way: Way): Chosen | undefined {
  const chosen: Chosen = { channel_policy: way.policy, wallet_days: way.walletDays, holdout_percent: holdoutPercent(way) };
  const isSame = chosen.channel_policy === automation.channel_policy && chosen.wallet_days === automation.wallet_days && chosen.holdout_percent === automation.holdout_percent;
  return isSame ? undefined : chosen;
}
