import type { Dashboard } from '../types';

/** What to do now, if anything: one thing, chosen from the figures by a fixed order of urgency. */
export type Suggestion =
  | { what: 'make_program' | 'pair_till' | 'hang_poster' | 'first_stamp' | 'nobody_joined' | 'all_well' }
  | { what: 'slow_day'; missing: number }
  | { what: 'at_risk'; n: number }
  | { what: 'write'; n: number; reachable: number; cents: number }
  | { what: 'undelivered'; n: number }
  | { what: 'rewards_open'; n: number; cents: number };

export interface Setup {
  programs: number;
  devices: number;
  /** Cards on phones that fell behind, and that nobody tries to mend any more. */
  undelivered?: number;
  /** How many of those at risk can be written to, and what that costs; unknown until it is asked. */
  atRisk?: { reachable: number; cents: number };
}

/** Below this many a week says nothing. */
const FEW_CUSTOMERS = 20;
const QUIET_DAYS = 7;
/** An hour that is usually this busy, or a comparison this large, is needed before a day may be called slow. */
const SLOW_FROM = 10;
const SLOW_SHARE = 0.5;
const AT_RISK_SHARE = 0.1;
const AT_RISK_FEWEST = 3;

export function suggest(dashboard: Dashboard, setup: Setup): Suggestion {
  const { today, last_week_by_now: before, days } = dashboard;
  if (setup.programs === 0) return { what: 'make_program' };
  if (setup.devices === 0) return { what: 'pair_till' };
  if (dashboard.customers_total === 0) return { what: 'hang_poster' };
  if (days.every((one) => one.stamps === 0)) return { what: 'first_stamp' };
  // A till that nobody uses costs more today than anything else on this page.
  if (before.stamps >= SLOW_FROM && today.stamps < before.stamps * SLOW_SHARE) return { what: 'slow_day', missing: before.stamps - today.stamps };
  // It costs one touch, and every customer it concerns sees a wrong count.
  if (setup.undelivered) return { what: 'undelivered', n: setup.undelivered };
  if (dashboard.at_risk_customers >= Math.max(AT_RISK_FEWEST, dashboard.active_customers * AT_RISK_SHARE)) {
    const n = dashboard.at_risk_customers;
    return setup.atRisk && setup.atRisk.reachable > 0 ? { what: 'write', n, ...setup.atRisk } : { what: 'at_risk', n };
  }
  const lately = days.slice(-QUIET_DAYS);
  if (dashboard.customers_total >= FEW_CUSTOMERS && lately.length === QUIET_DAYS && lately.every((one) => one.enrollments === 0)) {
    return { what: 'nobody_joined' };
  }
  if (dashboard.rewards_open > 0) return { what: 'rewards_open', n: dashboard.rewards_open, cents: dashboard.rewards_open_cents };
  return { what: 'all_well' };
}
