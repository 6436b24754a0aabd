import type { WalletName, WalletState } from '../types';
import { t } from './texts';

const NAMES = { apple: 'Apple Wallet', google: 'Google Wallet' } as const;
/** Makers' names are the same in every language; a browser's notices have none. */
export const nameOf = (wallet: WalletName): string => (wallet === 'web' ? t('web') : NAMES[wallet]);

/** What the two makers and we ourselves call the same few things. */
const MEANT = {
  unreachable: /^(unreachable|Shutdown|InternalServerError|ServiceUnavailable|5\d\d)$/,
  slow: /^timeout$/,
  hurried: /^(too_often|TooManyRequests|429)$/,
  refused: /^(certificate|credentials|403|.*Certificate.*|.*ProviderToken|Forbidden|forbidden|permissionDenied|PERMISSION_DENIED|unauthorized|UNAUTHENTICATED)$/,
  missing: /^missing$/,
} as const;

/** Why an update has not arrived, in the owner's words; a reason we do not know is told as it came. */
export function reasonText(wallet: WalletName, reason: string | null): string {
  const name = nameOf(wallet);
  if (!reason) return t('notYet', { wallet: name });
  for (const [meaning, words] of Object.entries(MEANT)) {
    if (words.test(reason)) return t(`why_${meaning as keyof typeof MEANT}`, { wallet: name });
  }
  return t('why_other', { wallet: name, reason });
}

export type Standing = 'off' | 'stopped' | 'trial' | 'ending' | 'well';

/** A certificate about to end is told of this long before. */
const ENDING_MS = 30 * 86_400_000;

/** How a wallet stands: the worst first. */
export function standingOf({ on, stopped, is_development, good_until }: WalletState, now: number): Standing {
  if (!on) return 'off';
  if (stopped) return 'stopped';
  if (good_until && Date.parse(good_until) <= now) return 'stopped';
  if (is_development) return 'trial';
  return good_until && Date.parse(good_until) - now < ENDING_MS ? 'ending' : 'well';
}
