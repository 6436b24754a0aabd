/** Codes that change every half minute, so that a photograph of one is soon worth nothing. */

/** What codes are made of; the key is the card's alone. */
export interface Rotating {
  prefix: string;
  key_hex: string;
}

/** How long one code stands. */
export const PERIOD_MS = 30_000;

/**
 * The code of a moment: prefix, the second its half minute begins with, and the one-time code of it (RFC 6238: SHA-1, 30
 * seconds, 8 digits). Undefined where the browser cannot reckon it: not every page has `crypto.subtle`.
 */
export async function rotatingCode({ prefix, key_hex }: Rotating, at: number): Promise<string | undefined> {
  try {
    const step = Math.floor(at / PERIOD_MS);
    const message = new DataView(new ArrayBuffer(8));
    message.setBigUint64(0, BigInt(step));
    const bytes = Uint8Array.from(key_hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
    const mac = new DataView(await crypto.subtle.sign('HMAC', key, message));
    // RFC 4226, section 5.3: the last half byte says where the number begins.
    const number = mac.getUint32(mac.getUint8(19) & 0x0f) & 0x7fff_ffff;
    return `${prefix}.${(step * PERIOD_MS) / 1_000}.${String(number % 100_000_000).padStart(8, '0')}`;
  } catch {
    return undefined;
  }
}
