/** How a part of a bar is inked. */
export type Tone = 'ink' | 'hatch' | 'pale' | 'rest' | 'grey' | 'amber' | 'stop';

export interface Segment {
  name: string;
  n: number;
  share: number;
  tone: Tone;
  /** Stands after the number. */
  label: string;
}
