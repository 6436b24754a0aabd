import type { Rotating } from './rotating';
import type { WalletLinks } from './wallets';

/** What the API says of a customer's card, as the pages for customers read it. */

export interface Look {
  ink: string;
  paper: string;
  stamp_shape: string;
}

export interface Program {
  id: string;
  name: string;
  stamps_required: number;
  rewards: { at: number; title: string }[];
  rules: { welcome_stamps?: number };
  look?: Partial<Look> | null;
}

export interface CardState {
  id: string;
  stamps: number;
  stamps_required: number;
  cycle: number;
  total: number;
  version: number;
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
  kind: 'earn' | 'bonus' | 'void' | 'import';
  via: string;
  count: number;
  amount_cents: number | null;
  reverses_id: string | null;
  voided: boolean;
  occurred_at: string;
}

/** `GET /api/v1/cards/{id}`. */
export interface CardView extends WalletLinks {
  card: CardState;
  program: Program;
  business: { name: string; slug: string };
  rewards: Reward[];
  /** Newest first. */
  history: Entry[];
  /** Shown where this phone cannot make the rotating one. */
  code: string;
  rotating?: Rotating | null;
  /** The server's clock when it told this; a card that was just opened does not have it yet. */
  as_of?: string;
  referral_url: string;
  /** What her browser subscribes to notices with; none where they are off. */
  push_key?: string | null;
  customer: { first_name: string | null };
  /** Ours: milliseconds since 1970 when all of this was told. A live change tells a part, and no new links. */
  told_at?: number;
  /** Ours: by how many milliseconds this phone's clock is ahead of the server's. */
  clock_ahead?: number;
}
