import { type Result, request } from '$lib/api';
import type { CardState, CardView, Program } from '$lib/cardview';
import { lang } from '$lib/i18n';
import type { WalletLinks } from '$lib/wallets';
import { forgetOperation, operationOf } from './draft';

/** `GET /api/v1/join/{slug}`: what a stranger with a poster in front of her is told. */
export interface Offer {
  business: { id: string; slug: string; name: string; ruc: string | null; language: string };
  programs: Program[];
  consent: { program: ConsentText; marketing: ConsentText };
}

export interface ConsentText {
  version: number;
  short: string;
  long: string;
}

/** Her new card, or the one she proved to be hers. */
export interface Joined {
  customer_id: string;
  card: CardState & WalletLinks & { code: string; holder_token: string; web_url: string };
  program: Program;
  referral_url: string;
  marketing: 'pending' | 'granted' | 'no';
  /** Opens WhatsApp with the message that confirms promotions; absent where nothing is to be confirmed, or WhatsApp is off. */
  whatsapp_url?: string;
}

/** Somebody has a card under that number; more is nobody's business. */
export interface Known {
  known: true;
  recover: string[];
  /** Opens WhatsApp with the message that brings the card back to its number. */
  whatsapp_url?: string;
}

export interface Form {
  name: string;
  phone: string;
  age_ok: boolean;
  consents: { program: boolean; marketing: boolean };
  adult_ok?: boolean;
}

/** Where she came from: the slug of the path, who invited her (`r`), and the local of the poster (`l`). */
export interface Origin {
  slug: string;
  referral?: string;
  location?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function originOf(path: string, search: string): Origin {
  const asked = new URLSearchParams(search);
  const location = asked.get('l') ?? '';
  return {
    slug: slugOf(path),
    referral: asked.get('r') || undefined,
    // A poster's link that lost its end must not cost her the card.
    location: UUID.test(location) ? location : undefined,
  };
}

function slugOf(path: string): string {
  const given = path.split('/')[2] ?? '';
  try {
    return decodeURIComponent(given).toLowerCase();
  } catch {
    return given;
  }
}

export const askOffer = (slug: string): Promise<Result<Offer>> => request<Offer>('GET', `/api/v1/join/${encodeURIComponent(slug)}`);

/** `holder`: what this phone already holds of this shop, so that the same card comes back. */
export async function enrol(origin: Origin, form: Form, holder?: string): Promise<Result<Joined | Known>> {
  const body = { ...form, slug: origin.slug, language: lang, referral_code: origin.referral, location_id: origin.location };
  const idempotencyKey = operationOf(origin.slug, [body, holder]);
  const result = await request<Joined | Known>('POST', '/api/v1/enrollments', { body, token: holder, authScheme: 'Card', idempotencyKey, timeoutMs: 15_000 });
  if (result.ok) forgetOperation(origin.slug);
  return result;
}

/** Links to wallets die within a day; a page left open asks for new ones. */
export async function freshLinks({ id, holder_token }: Joined['card']): Promise<WalletLinks | undefined> {
  const result = await request<WalletLinks>('GET', `/api/v1/cards/${id}`, { token: holder_token, authScheme: 'Card' });
  return result.ok ? result.value : undefined;
}

/** Her card as its own page will tell it, so that this opens with something to show. */
export function viewOf({ card, program, referral_url }: Joined, business: Offer['business'], name: string): CardView {
  const { id, stamps, stamps_required, cycle, total, version, code, apple_url, google_url } = card;
  return {
    card: { id, stamps, stamps_required, cycle, total, version },
    program,
    business: { name: business.name, slug: business.slug },
    rewards: [],
    history: [],
    code,
    referral_url,
    apple_url,
    google_url,
    customer: { first_name: name },
    told_at: Date.now(),
  };
}
