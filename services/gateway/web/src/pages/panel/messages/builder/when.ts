/** A wall clock's day and time in a business's zone, as the instant it is. */

const PARTS: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };

/** `2026-12-01` and `10:00`, of an instant, as clocks in the zone show it. */
export function wallClock(at: string | number | Date, zone: string): { day: string; time: string } {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', { ...PARTS, timeZone: zone }).formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return { day: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` };
}

const shownAs = (at: number, zone: string): number => {
  const { day, time } = wallClock(at, zone);
  return Date.parse(`${day}T${time}:00Z`);
};

/** The instant at which clocks in the zone show this; undefined where it is no day and time. An hour that a clock skips is taken as the one after it. */
export function instantOf(day: string, time: string, zone: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !/^\d{2}:\d{2}/.test(time)) return undefined;
  const wanted = Date.parse(`${day}T${time.slice(0, 5)}:00Z`);
  if (Number.isNaN(wanted)) return undefined;
  // The zone's distance is found at the instant itself: twice, for it may change in between.
  let at = wanted - (shownAs(wanted, zone) - wanted);
  at = wanted - (shownAs(at, zone) - at);
  return new Date(at).toISOString();
}

interface QuietHours {
  quiet_from_hour: number;
  quiet_until_hour: number;
}

/** Whether nothing of marketing goes out at an instant, by clocks in the zone. */
export const isQuietAt = (at: string | number, zone: string, { quiet_from_hour, quiet_until_hour }: QuietHours): boolean =>
  isQuiet(Number(wallClock(at, zone).time.slice(0, 2)), quiet_from_hour, quiet_until_hour);

/** Whether an hour of the day is one in which nothing of marketing goes out. */
export const isQuiet = (hour: number, from: number, until: number): boolean => (from === until ? false : from < until ? hour >= from && hour < until : hour >= from || hour < until);
