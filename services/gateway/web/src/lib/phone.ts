/** Peruvian numbers as people type them. The server is the one to judge a number; this only helps the hand. */

const groups = (digits: string): string => digits.replace(/(\d{3})(?=\d)/g, '$1 ');

/** What is typed, shown as it is read aloud: `987 654 321`, `+51 987 654 321`, or another country's as given. */
export function formatPhone(typed: string): string {
  const abroad = /^\s*(\+|00)/.test(typed);
  const digits = typed.replace(/\D/g, '').replace(/^00/, '').slice(0, 15);
  if (abroad) {
    if (digits.startsWith('51')) return `+51 ${groups(digits.slice(2, 11))}`.trimEnd();
    return `+${typed.replace(/^\s*(\+|00)/, '').replace(/[^\d ]/g, '').replace(/ +/g, ' ').slice(0, 20)}`;
  }
  // Someone who pastes the country without its plus means Peru.
  if (digits.length === 11 && digits.startsWith('519')) return `+51 ${groups(digits.slice(2))}`;
  return groups(digits.slice(0, 9));
}

/** The number to send, in E.164, once it is whole; undefined while it cannot be one yet. */
export function phoneToSend(typed: string): string | undefined {
  const digits = typed.replace(/\D/g, '');
  if (!typed.trim().startsWith('+')) return /^9\d{8}$/.test(digits) ? `+51${digits}` : undefined;
  if (digits.startsWith('51')) return /^519\d{8}$/.test(digits) ? `+${digits}` : undefined;
  return digits.length >= 8 && digits.length <= 15 ? `+${digits}` : undefined;
}

/** Where the caret belongs after reformatting: behind as many digits (and plus) as before. */
export function caretAfter(formatted: string, signsBefore: number): number {
  let seen = 0;
  let at = 0;
  while (at < formatted.length && seen < signsBefore) {
    if (/[\d+]/.test(formatted[at]!)) seen++;
    at++;
  }
  return at;
}
