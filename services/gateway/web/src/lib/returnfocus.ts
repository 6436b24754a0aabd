/**
 * Attached to a dialog: one that is taken off the page while it is still open cannot give the focus back by itself, so
 * whoever opened it gets it from here.
 */
export function returnFocus(dialog: HTMLDialogElement): () => void {
  const before = document.activeElement;
  return () => {
    if (dialog.open && before instanceof HTMLElement) before.focus();
  };
}
