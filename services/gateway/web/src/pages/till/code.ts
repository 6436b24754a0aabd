/** What a camera read, told apart before anybody is asked. */
export type Read =
  | { kind: 'card'; code: string }
  | { kind: 'pairing'; code: string }
  /** An address of ours that opens a card or a poster, but is not one. */
  | { kind: 'address' }
  | { kind: 'stranger' };

/** Key id, card id, generation and MAC are 27 bytes: 36 signs of base64url. */
const CODE = /^[A-Za-z0-9_-]{36}$/;
/**
 * What Google Wallet shows: `R`, the card and its generation in 26 signs that stay, the second, and what proves it, anew every
 * half minute.
 */
const ROTATING = /^R([A-Za-z0-9_-]{26})\.\d{1,12}\.\d{8}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PAIRING = /[#&]par=([A-Za-z0-9-]{4,40})/;
const OURS = /^https?:\/\/[^/]+\/(t|unete|caja|panel)(\/|$|[?#])/;

// A UUID is also 36 signs of that alphabet, and stands in every address of a card.
const isCode = (text: string) => ROTATING.test(text) || (CODE.test(text) && !UUID.test(text));

/** Reads the text of a QR: a card's code, bare or within an address; a pairing code; or something else. */
export function readText(text: string): Read {
  const trimmed = text.trim();
  if (isCode(trimmed)) return { kind: 'card', code: trimmed };
  if (!/^https?:\/\//i.test(trimmed)) return { kind: 'stranger' };
  const pairing = PAIRING.exec(trimmed)?.[1];
  if (pairing) return { kind: 'pairing', code: pairing };
  const code = [/[^A-Za-z0-9_-]+/, /[^A-Za-z0-9_.-]+/].flatMap((between) => trimmed.split(between)).find(isCode);
  if (code) return { kind: 'card', code };
  return OURS.test(trimmed) ? { kind: 'address' } : { kind: 'stranger' };
}

/** How long a code must be out of sight before it means something new. */
export const SAME_CODE_MS = 3_000;

/**
 * Lets a text through when it comes into sight, and again only after it was out of sight for a while: a phone that
 * stays before the camera is one customer, not ten a second. A text seen while the till was not `ready` has not been
 * dealt with, and is let through as soon as it is. A code that changes by itself is the same card all the while.
 */
export function sightGate(quietMs = SAME_CODE_MS): (read: string, now: number, ready: boolean) => boolean {
  const dealtWith = new Map<string, number>();
  return (read, now, ready) => {
    const text = ROTATING.exec(read.trim())?.[1] ?? read;
    for (const [other, at] of dealtWith) if (now - at >= quietMs) dealtWith.delete(other);
    const isNew = !dealtWith.has(text);
    if (isNew && !ready) return false;
    dealtWith.set(text, now);
    return isNew;
  };
}
