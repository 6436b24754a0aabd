/** The till's service worker: it keeps the page and its reader for the days without a connection. */

const UPDATE_EVERY_MS = 60 * 60_000;

let waiting: ServiceWorker | undefined;

/** After the page stands, so that a first visit is not slowed by what a later one needs. */
export function registerShell(): void {
  // In development files change under it; on plain http there is none.
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return;
  if (document.readyState === 'complete') void register();
  else globalThis.addEventListener('load', () => void register(), { once: true });
}

async function register(): Promise<void> {
  const registration = await navigator.serviceWorker.register('/sw-caja.js', { scope: '/caja' }).catch(() => undefined);
  if (!registration) return;
  waiting = registration.waiting ?? undefined;
  registration.addEventListener('updatefound', () => {
    const next = registration.installing;
    next?.addEventListener('statechange', () => {
      // The very first one has nobody to replace.
      if (next.state === 'installed' && navigator.serviceWorker.controller) waiting = next;
    });
  });
  // A till is open for days; it must ask for itself.
  setInterval(() => void registration.update().catch(() => undefined), UPDATE_EVERY_MS);
}

/** Lets a new version take over, where nobody is in the middle of anything. */
export function applyUpdate(): void {
  if (!waiting) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage('take over', { transfer: [] });
  waiting = undefined;
}
