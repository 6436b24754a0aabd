/** What the API answers to the panel, as far as the panel reads it. */

export type Role = 'owner' | 'manager' | 'stamper';

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Business {
  id: string;
  slug: string;
  name: string;
  time_zone: string;
  language: string;
  ruc: string | null;
  created_at: string;
}

export interface Member {
  id: string;
  name: string;
  email: string | null;
  role: Role;
  has_pin: boolean;
  active: boolean;
  location_id: string | null;
  created_at: string;
}

export interface Place {
  id: string;
  name: string;
  address: string | null;
}

export interface Device {
  id: string;
  name: string;
  location_id: string | null;
  paired_at: string;
  last_seen_at: string | null;
}

export interface RewardRule {
  at: number;
  title: string;
  cost_cents: number | null;
}

export interface Rules {
  max_per_visit: number;
  min_minutes_between: number;
  max_per_day: number;
  expires_after_days: number | null;
  cents_per_stamp: number | null;
  welcome_stamps: number;
}

export interface Look {
  ink: string;
  paper: string;
  stamp_shape: string;
}

/** What is sent when a program is made or changed. */
export interface ProgramDraft {
  name: string;
  stamps_required: number;
  rewards: RewardRule[];
  rules: Rules;
  look: Look;
  active: boolean;
}

export interface Program extends ProgramDraft {
  id: string;
  version: number;
  created_at: string;
}

export interface Card {
  id: string;
  customer_id: string;
  program_id: string;
  stamps: number;
  stamps_required: number;
  cycle: number;
  total: number;
  version: number;
  carried_cents: number;
  opened_at: string;
  last_stamp_at: string | null;
}

export interface Reward {
  id: string;
  title: string;
  at: number;
  cycle: number;
  state: 'open' | 'redeemed' | 'expired' | 'void';
  unlocked_at: string;
  expires_at: string | null;
  redeemed_at: string | null;
}

export interface Entry {
  id: string;
  card_id: string;
  kind: string;
  via: string;
  count: number;
  cycle: number;
  member_id: string | null;
  device_id: string | null;
  location_id: string | null;
  amount_cents: number | null;
  reason: string | null;
  reverses_id: string | null;
  voided: boolean;
  occurred_at: string;
  recorded_at: string;
}

export interface Customer {
  id: string;
  name: string;
  /** Absent once she is erased. */
  phone: string | null;
  language: string;
  birthday: string | null;
  marketing: 'granted' | 'pending' | 'revoked' | 'no';
  source: string;
  created_at: string;
  erased: boolean;
  referral_code: string | null;
  cards?: Card[];
}

export interface Figures {
  stamps: number;
  enrollments: number;
  rewards_unlocked: number;
  rewards_redeemed: number;
  visitors: number;
}

export interface HourFigures {
  hour: number;
  stamps: number;
  normal_low: number;
  normal_high: number;
}

/** What became of messages; each counts once a state, on the day it came to it. */
export interface MessageFigures {
  sent: number;
  delivered: number;
  read: number;
  failed: number;
  opted_out: number;
  cost_cents: number;
}

/** Messages are absent from a day that was kept before they were counted. */
export type DayFigures = Figures & { day: string; messages?: MessageFigures };

/** A stretch of days, and the one of the same length before it. */
export interface Overview {
  days: DayFigures[];
  total: Figures & { messages: MessageFigures };
  before: Figures & { messages: MessageFigures };
}

export interface Dashboard {
  as_of: string;
  time_zone: string;
  today: Figures;
  yesterday: Figures;
  last_week: Figures;
  yesterday_by_now: Figures;
  last_week_by_now: Figures;
  hours: HourFigures[];
  days: DayFigures[];
  active_customers: number;
  returning_customers: number;
  at_risk_customers: number;
  customers_total: number;
  rewards_open: number;
  rewards_open_cents: number;
}

export interface HeatCell {
  weekday: number;
  hour: number;
  stamps: number;
}

export interface MemberFigures {
  member_id: string;
  name: string;
  stamps: number;
  stamps_by_search: number;
  voids: number;
  rewards_redeemed: number;
}

export interface AuditEntry {
  id: string;
  member_id: string | null;
  action: string;
  object_id: string | null;
  at: string;
}

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  created_at: string;
  last_used_at: string | null;
}

export type WalletName = 'apple' | 'google' | 'web';

/** A wallet that cards can be put into, and how it stands. */
export interface WalletState {
  wallet: WalletName;
  on: boolean;
  /** Why nothing is sent to it for now. */
  stopped: string | null;
  is_development: boolean;
  good_until: string | null;
}

/** A change of a card that a phone has not been told. */
export interface Delivery {
  id: string;
  kind: string;
  card_id: string;
  customer_id: string;
  wallet: WalletName;
  status: 'dead' | 'waiting';
  reason: string | null;
  attempts: number;
  wanted_at: string | null;
  next_at: string | null;
}

export interface ImportAnswer {
  created: number;
  known: number;
  errors: number;
  rows: { line: number; outcome: string; field: string | null; message: string | null }[];
}
