/** Putting the card on the home screen, as far as this browser lets a page ask for it. */

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
  readonly userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

const MANIFEST = '/manifest-card.webmanifest';

/** Safari on a phone is known by this alone. It gives an app on the home screen a storage of its own. */
export const isIos = 'standalone' in navigator;

/** What the browser let us ask with, once it did. */
export const install = $state<{ prompt?: InstallPrompt; done: boolean }>({ done: false });

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  install.prompt = event as InstallPrompt;
});
addEventListener('appinstalled', () => (install.done = true));

/** Asks; true when she accepted. A prompt is good for one question. */
export async function askToInstall(): Promise<boolean> {
  const { prompt } = install;
  install.prompt = undefined;
  if (!prompt) return false;
  await prompt.prompt();
  return (await prompt.userChoice).outcome === 'accepted';
}

/**
 * On other phones the manifest opens `/t/mia`, the last card used, from the storage that the app shares with the
 * browser. An iPhone shares none: there the app must be the very address of the card, so it gets no manifest.
 */
export function offerInstall(): void {
  if (isIos) return;
  const link = Object.assign(document.createElement('link'), { rel: 'manifest', href: MANIFEST });
  document.head.append(link);
}

/** Puts the secret into the address while she adds it to an iPhone's home screen; returns how to take it out again. */
export function lendAddress(id: string, token: string): () => void {
  if (!isIos) return () => {};
  history.replaceState(null, '', `/t/${id}#${token}`);
  return () => history.replaceState(null, '', `/t/${id}`);
}
