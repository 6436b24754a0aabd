/** The shapes of the API that reach a till. */

export interface Look {
  ink?: string;
  paper?: string;
  stamp_shape?: string;
}

export interface Rules {
  max_per_visit: number;
  min_minutes_between: number;
  max_per_day: number;
  expires_after_days: number | null;
  /** Given, stamps come from an amount in soles and not from a count. */
  cents_per_stamp: number | null;
  welcome_stamps: number;
}

export interface Program {
  id: string;
  name: string;
  stamps_required: number;
  rewards: { at: number; title: string; cost_cents: number | null }[];
  rules: Rules;
  look: Look;
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
}

export interface Reward {
  id: string;
  title: string;
  at: number;
  state: 'open' | 'redeemed' | 'expired' | 'void';
  expires_at: string | null;
}

export interface Allowed {
  now: boolean;
  until?: string | null;
  reason?: string | null;
}

export interface Scan {
  scan_id: string;
  customer: { id: string; first_name: string };
  card: Card;
  program: Program;
  rewards: Reward[];
  allowed: Allowed;
}

/** What a card is after a stamp or an undo. */
export type CardState = Pick<Card, 'id' | 'stamps' | 'stamps_required' | 'cycle' | 'total' | 'version'>;

export interface Stamped {
  operation_id: string;
  stamp_id: string;
  card: CardState;
  rewards_unlocked: { id: string; title: string; at: number }[];
}

export interface Voided {
  card: CardState;
  rewards_taken_back: string[];
}

export interface Customer {
  id: string;
  name: string;
  /** Whole for a manager; the last three digits for a stamper. */
  phone: string;
  cards?: Card[];
}

export interface Business {
  id: string;
  name: string;
  slug: string;
  time_zone?: string;
}

export interface Roster {
  device: { id: string; name: string };
  business: Business;
  location: { id: string; name: string } | null;
  members: { id: string; name: string }[];
  programs: Program[];
}

export interface Member {
  id: string;
  name: string;
  role?: 'owner' | 'manager' | 'stamper';
}
