import type { MessageFigures } from '../../types';
import type { Counts } from '../types';

/** A month's messages as one campaign's counts. What was read this month may have left in the one before, so each state is at least the next. */
export function countsOf({ sent, delivered, read, failed }: MessageFigures): Counts {
  const arrived = Math.max(delivered, read);
  const left = Math.max(sent, arrived);
  return { planned: left + failed, holdout: 0, requested: 0, sent: left, delivered: arrived, read, failed, canceled: 0 };
}

/** Of one, never more than one; of nothing, nothing. */
export const share = (part: number, whole: number): number => (whole > 0 ? Math.min(1, part / whole) : 0);
