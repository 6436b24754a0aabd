import type { Message, Thread } from '../types';

/** Whether one may answer freely, and until when. */
export function windowOf({ open_until }: Pick<Thread, 'open_until'>, now: number): { open: boolean; until?: string } {
  return open_until && Date.parse(open_until) > now ? { open: true, until: open_until } : { open: false };
}

/** Below this it is told how little is left. */
export const SOON_MS = 60 * 60_000;

/** Less than an hour, in minutes; undefined where there is more. */
export function minutesLeft(until: string, now: number): number | undefined {
  const left = Date.parse(until) - now;
  return left > 0 && left < SOON_MS ? Math.max(1, Math.floor(left / 60_000)) : undefined;
}

/** Messages by the day they came on, oldest first. */
export function byDay(messages: Message[], dayOf: (at: string) => string): { day: string; messages: Message[] }[] {
  const days: { day: string; messages: Message[] }[] = [];
  for (const message of messages) {
    const day = dayOf(message.created_at);
    const last = days.at(-1);
    if (last?.day === day) last.messages.push(message);
    else days.push({ day, messages: [message] });
  }
  return days;
}

/** What there was and what came, each once, in their order. */
export function merged(known: Message[], more: Message[]): Message[] {
  const all = new Map([...known, ...more].map((message) => [message.message_id, message]));
  return [...all.values()].toSorted((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
}

const ENDS = new Set(['read', 'failed', 'canceled']);
/** Who has not read it by now may read it tomorrow. */
const FOLLOWED_MS = 5 * 60_000;

/** Whether what was said last may still come further while one looks. */
export const isFollowed = (messages: Message[], now: number): boolean =>
  messages.some(({ direction, status, created_at }) => direction === 'out' && !ENDS.has(status) && now - Date.parse(created_at) < FOLLOWED_MS);

export const MOST_LETTERS = 1_600;
