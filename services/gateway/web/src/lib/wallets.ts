/** The wallet that a phone has of its own, and the links that put a card into it. */
export type Wallet = 'apple' | 'google';

/** A wallet that is off has no link. */
export interface WalletLinks {
  apple_url?: string | null;
  google_url?: string | null;
  /** All her cards at this shop for Apple Wallet, where they are several, and how many. */
  bundle_url?: string | null;
  bundle_cards?: number | null;
}

/** A link opens for a day; long before that a page asks for another. */
export const LINKS_FRESH_MS = 6 * 3_600_000;

/** What a browser says of itself tells which wallets it can fill; a computer that is no Mac can pass on either. */
export function walletsOf(agent: string, touchPoints: number): Wallet[] {
  if (/Android/.test(agent)) return ['google'];
  // An iPad calls itself a Mac; no Mac is touched. Of the browsers on a Mac only Safari hands a pass on.
  const isMac = /Macintosh/.test(agent) && (touchPoints > 1 || /Version\/\S+ Safari\//.test(agent));
  return isMac || /iPhone|iPad|iPod/.test(agent) ? ['apple'] : ['apple', 'google'];
}

/** The links for this device, its own wallet only. */
export const linksFor = (wallets: Wallet[], links: WalletLinks): { wallet: Wallet; href: string }[] =>
  wallets.flatMap((wallet) => {
    const href = links[`${wallet}_url`];
    return href ? [{ wallet, href }] : [];
  });
