import type { DayFigures, HourFigures } from '../types';

/** The arithmetic of our charts. Counts of things begin at zero; nothing here draws. */

/** One stamp is not a mountain: below this the tallest bar stays short. */
const LEAST_TOP = 4;
/** Fewer hours than this make bars as fat as doors. */
const FEWEST_HOURS = 8;

/** What reaches the top edge: the largest value itself, as bars carry their own numbers and no axis needs a round one. */
export const topOf = (values: number[]): number => Math.max(LEAST_TOP, ...values);

/** From a value to its distance below the top edge. */
export function heightScale(top: number, height: number): (value: number) => number {
  return (value) => height - (Math.min(top, Math.max(0, value)) / top) * height;
}

/** `count` columns over `width`: where each begins, how wide it is, and which one lies under `x`. */
export function columns(count: number, width: number, gap = 2) {
  const pitch = width / Math.max(1, count);
  return {
    pitch,
    width: Math.max(1, pitch - gap),
    start: (at: number) => at * pitch + gap / 2,
    middle: (at: number) => (at + 0.5) * pitch,
    under: (x: number) => Math.min(count - 1, Math.max(0, Math.floor(x / pitch))),
  };
}

/** The hours worth showing: those with stamps or a normal to compare with, and never fewer than eight. */
export function openHours(hours: HourFigures[]): HourFigures[] {
  const busy = hours.filter((one) => one.stamps > 0 || one.normal_high > 0).map((one) => one.hour);
  let first = busy.length ? Math.min(...busy) : 8;
  let last = busy.length ? Math.max(...busy) : 19;
  while (last - first + 1 < FEWEST_HOURS) {
    if (last < 23) last++;
    if (last - first + 1 < FEWEST_HOURS && first > 0) first--;
  }
  return hours.filter((one) => one.hour >= first && one.hour <= last);
}

export interface Week {
  /** Places of its first and last day among the days. */
  from: number;
  to: number;
  /** Stamps a day, over the days of it that are shown. */
  mean: number;
}

/** Days by the calendar's weeks, Monday first. */
export function weeksOf(days: DayFigures[]): Week[] {
  const weeks: { from: number; to: number; sum: number }[] = [];
  for (const [at, one] of days.entries()) {
    const monday = new Date(`${one.day}T12:00:00Z`).getUTCDay() === 1;
    const current = weeks.at(-1);
    if (!current || monday) weeks.push({ from: at, to: at, sum: one.stamps });
    else Object.assign(current, { to: at, sum: current.sum + one.stamps });
  }
  return weeks.map(({ from, to, sum }) => ({ from, to, mean: sum / (to - from + 1) }));
}
