/** A stream of numbers in [0, 1) that is always the same for the same text: a stamp keeps its angle for ever. */
export function seeded(text: string): () => number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  }
  state = state || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (Math.imul(state, 0x9e3779b1) >>> 0) / 0x1_0000_0000;
  };
}

/** A number between two ends, from such a stream. */
export const between = (random: () => number, low: number, high: number): number => low + random() * (high - low);
