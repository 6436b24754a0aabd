/** Hands a link to the phone's own share sheet; where there is none, copies it. */
export type Shared = 'shared' | 'copied' | 'dismissed' | 'failed';

export const canShare = typeof navigator !== 'undefined' && 'share' in navigator;

export async function shareLink(link: { title: string; text: string; url: string }): Promise<Shared> {
  if (!canShare) return (await copyText(link.url)) ? 'copied' : 'failed';
  try {
    await navigator.share(link);
    return 'shared';
  } catch (refusal) {
    if (refusal instanceof DOMException && refusal.name === 'AbortError') return 'dismissed';
    return (await copyText(link.url)) ? 'copied' : 'failed';
  }
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Plain http on a shop's own network has no clipboard, and a person may refuse it: the page shows the link then.
    return false;
  }
}
