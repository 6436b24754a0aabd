/** Bytes as the API writes them: base64url without padding. */
export function base64url(bytes: ArrayBuffer): string {
  const signs = String.fromCodePoint(...new Uint8Array(bytes));
  return btoa(signs).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
