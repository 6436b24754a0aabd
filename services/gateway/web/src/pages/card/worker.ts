/**
 * The page's own files, kept by `/sw-card.js` so that the card opens without internet. Its scope is `/t/` alone: the till
 * has a worker of its own. What the card holds is not its business; that is in storage.
 */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // After everything else: it fetches what the page has just fetched.
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
}

function register(): void {
  // A browser that refuses still shows the card while there is internet.
  void navigator.serviceWorker.register('/sw-card.js', { scope: '/t/' }).catch(() => {});
}
