import type { Segment, Tone } from '../parts/bar';
import type { Counts } from '../types';
import { progressOf, type Part } from './progress';
import { t } from './texts';

const TONES: Record<Part, Tone> = { read: 'ink', delivered: 'hatch', sent: 'pale', waiting: 'rest', failed: 'stop', canceled: 'grey' };

/** A campaign's bar, as it is drawn. */
export const segmentsOf = (counts: Counts): Segment[] => progressOf(counts).map(({ name, n, share }) => ({ name, n, share, tone: TONES[name], label: t(`part_${name}`, { n }) }));
