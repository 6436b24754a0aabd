// Opens the card without internet: keeps the page and its files, and nothing a person owns. Scope: /t/.

const CACHE = 'sello-card-1';
/** Every card is the same page, so one copy serves all. */
const SHELL = '/t/mia';
/** On a network that is there but barely, the kept page is shown after this long. */
const PATIENCE_MS = 2500;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(fetch(SHELL, { cache: 'no-cache' }).then(keep));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOldCaches().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(page(event));
  else if (pathname.startsWith('/assets/') || pathname.startsWith('/icon')) event.respondWith(file(request));
});

/** The newest page if it comes in time, else the kept one. */
async function page(event) {
  const fresh = fetch(event.request);
  event.waitUntil(fresh.then((response) => keep(response.clone())).catch(() => {}));
  const kept = await (await caches.open(CACHE)).match(SHELL);
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
  return Promise.race([fresh.then((response) => (response.ok ? response : kept)).catch(() => kept), late]);
}

/** Files carry their content's hash in their name: what is kept is right for ever. */
async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

/** Keeps a page together with all it asks for, and only then; drops what no page asks for any more. */
async function keep(response) {
  if (!response.ok) return;
  const html = await response.text();
  const wanted = new Set(html.match(/\/(?:assets\/|icon)[^"]+/g));
  const cache = await caches.open(CACHE);
  await Promise.all([...wanted].map(async (path) => (await cache.match(path)) ?? cache.add(path)));
  await cache.put(SHELL, new Response(html, { headers: response.headers }));
  const kept = await cache.keys();
  const stale = kept.filter(({ url }) => new URL(url).pathname.startsWith('/assets/') && !wanted.has(new URL(url).pathname));
  await Promise.all(stale.map((request) => cache.delete(request)));
}

async function forgetOldCaches() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('sello-card-') && name !== CACHE).map((name) => caches.delete(name)));
}
