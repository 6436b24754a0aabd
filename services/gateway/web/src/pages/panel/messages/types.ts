/** What the API answers of campaigns and messages, as far as the panel reads it. */

export type Language = 'es' | 'en';

/** Both ends included; an absent end is open. */
export interface Range {
  min?: number | null;
  max?: number | null;
}

/** One condition on customers, by the API's own names. */
export type Condition =
  | { visits: Range & { days?: number } }
  | { days_since_visit: Range }
  | { days_between_visits: Range }
  | { stamps_left: Range }
  | { reward_open: { expires_within_days?: number } }
  | { birthday_month: { month?: number } }
  | { location: { location_id: string } }
  | { joined: { from?: string | null; to?: string | null } }
  | { language: { language: Language } }
  | { at_risk: Record<string, never> };

/** Who: of no conditions, everybody. */
export type Audience = { all: Audience[] } | { any: Audience[] } | { not: Audience } | Condition;

export interface Cost {
  amount_cents: number;
  currency: string;
  /** The day the prices are of. */
  prices_of: string;
}

/** `no_pass` is of campaigns that go to wallets and nowhere else. */
export type Excluded = Record<'erased' | 'opted_out' | 'no_consent' | 'capped' | 'holdout' | 'no_pass', number>;

export interface Preview {
  count: number;
  reachable: number;
  excluded: Excluded;
  cost: Cost;
  by_wallet: number;
  /** How many of today's tier are left; null or below zero is without a limit. */
  tier_left: number | null;
}

export type Policy = 'whatsapp' | 'wallet_first' | 'wallet';

export interface Wording {
  language: Language;
  template: string;
  variables: string[];
}

export type CampaignStatus = 'draft' | 'scheduled' | 'running' | 'paused' | 'canceled' | 'done';

export type Trigger = 'at_risk' | 'birthday' | 'one_stamp_left' | 'reward_expiring' | 'welcome' | 'feedback';

export type Counts = Record<'planned' | 'holdout' | 'requested' | 'sent' | 'delivered' | 'read' | 'failed' | 'canceled', number> & {
  /** A pass has shown it, so it is among the delivered, and the WhatsApp that followed failed. */
  follow_failed?: number;
};

export type HeldBy = 'budget' | 'tier' | 'quiet_hours' | 'quality' | 'not_approved' | 'provider' | 'off';

export interface Campaign {
  campaign_id: string;
  name: string;
  kind: 'blast' | 'automation';
  status: CampaignStatus;
  version: number;
  audience: Audience;
  trigger?: Trigger | null;
  wordings: Wording[];
  channel_policy: Policy;
  wallet_days: number;
  holdout_percent: number;
  category: string;
  scheduled_at?: string | null;
  launched_at?: string | null;
  ended_at?: string | null;
  created_at: string;
  counts: Counts;
  cost: Cost;
  held_by?: HeldBy | null;
  /** What of it may still be changed: of what is planned already, its name alone. */
  editable: 'all' | 'name' | 'none';
}

/** How many messages of a campaign did not arrive for the same reason, by the server's stable word for it. */
export interface Failure {
  reason: string;
  count: number;
}

/** What is sent when a campaign is made or changed. */
export interface CampaignDraft {
  name: string;
  audience: Audience;
  wordings: Wording[];
  channel_policy: Policy;
  wallet_days: number;
  holdout_percent: number;
  scheduled_at: string | null;
  trigger?: Trigger;
}

export interface Group {
  customers: number;
  came_back: number;
}

export interface Interval {
  low: number;
  middle: number;
  high: number;
}

export interface Results {
  counts: Counts;
  written: Group;
  holdout: Group;
  verdict: 'unknown' | 'up' | 'down' | 'none';
  known_after?: string | null;
  lift?: Interval | null;
  soles_per_sol?: Interval | null;
  cost: Cost;
  opted_out: number;
}

export interface Template {
  name: string;
  language: Language;
  category: string;
  body: string;
  variables: { name: string; sample: string }[];
  status: 'pending' | 'approved' | 'paused' | 'rejected';
}

export interface Message {
  message_id: string;
  customer_id?: string | null;
  campaign_id?: string | null;
  direction: 'out' | 'in';
  category: string;
  text: string;
  status: string;
  reason?: string | null;
  reason_text?: string | null;
  created_at: string;
}

export interface Thread {
  thread_id: string;
  customer_id?: string | null;
  customer_name?: string | null;
  /** The last three digits of the number. */
  address_end: string;
  last: Message;
  unread: number;
  /** Until when one may answer freely; absent: no more. */
  open_until?: string | null;
}

export interface Threads {
  items: Thread[];
  next_cursor: string | null;
  unread: number;
}

/** A message that nobody tries to send any more. */
export interface FailedMessage {
  id: string;
  customer_id?: string | null;
  customer_name?: string | null;
  text: string;
  status: string;
  reason?: string | null;
  reason_text?: string | null;
  attempts: number;
  retryable: boolean;
  created_at: string;
}

export interface Account {
  status: 'off' | 'waiting' | 'approved' | 'stopped';
  provider: string;
  sender?: string | null;
  daily_budget_cents: number;
  daily_limit_cents: number;
  daily_spent_cents: number;
  monthly_budget_cents: number;
  monthly_limit_cents: number;
  monthly_spent_cents: number;
  quality: {
    delivered: number;
    opted_out: number;
    blocked: number;
    opt_out_rate: number;
    block_rate: number;
    state: 'none' | 'slowed' | 'stopped';
    reason?: string | null;
  };
  tier: { limit: number; used: number; days_to_half: number; planned_per_day: number };
  held_by?: HeldBy | null;
  circuit: 'closed' | 'open' | 'half_open';
  quiet_from_hour: number;
  quiet_until_hour: number;
  waiting: number;
  dead: number;
}
