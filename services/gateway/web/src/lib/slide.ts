/** Slides a row so that its chosen one is never the one that is cut. By hand: scrollIntoView would move the page as well. */
export function slideTo(row: HTMLElement | undefined, chosen: HTMLElement | undefined): void {
  if (!row || !chosen) return;
  const beyond = chosen.offsetLeft + chosen.offsetWidth - row.clientWidth;
  row.scrollLeft = Math.min(chosen.offsetLeft, Math.max(row.scrollLeft, beyond));
}
