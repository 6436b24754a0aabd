/** What can be taken back, and for how long. */
export interface Undoable {
  /** Also the id of the undo itself: it acts once however often it is asked. */
  key: string;
  what: 'stamp' | 'reward' | 'stored';
  /** Of the stamp, the reward or the waiting operation. */
  id: string;
  name: string;
  count: number;
  /** Milliseconds since 1970. */
  until: number;
  busy: boolean;
}

export const UNDO_MS = 60_000;

/** Whole seconds still to show: the last one is 1, never 0. */
export const secondsLeft = (until: number, now: number): number => Math.max(0, Math.ceil((until - now) / 1000));

/** Those still in time, newest first; one whose undo is on its way stays until it is answered. */
export const inTime = (list: readonly Undoable[], now: number): Undoable[] =>
  list.filter(({ until, busy }) => busy || until > now).toSorted((one, other) => other.until - one.until);
