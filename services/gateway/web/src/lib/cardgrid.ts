/** The most stamps a card can ask for; more would not be read on a phone. */
export const MOST_STAMPS = 30;

/**
 * How many stamps stand in a row, so that rows are even and a stamp stays large enough to be seen: five or fewer
 * make one row, beyond that three to six columns, whichever leaves the fewest empty places in the last row.
 */
export function columnsFor(count: number): number {
  if (count <= 5) return Math.max(1, count);
  const choices = count <= 6 ? [3] : count <= 9 ? [3, 4] : count <= 16 ? [4, 5] : [5, 6];
  const empty = (columns: number) => (columns - (count % columns)) % columns;
  return choices.reduce((best, columns) => (empty(columns) <= empty(best) ? columns : best));
}
