// Opens the card without internet: keeps the page and its files, and nothing a person owns; and shows what a shop says. Scope:
// /t/. The build writes `SHELL` above these lines: every file the page can ask for, also later.

const CACHE = 'sello-card-1';
/** Every card is the same page, so one copy serves all. */
const PAGE = '/t/mia';
/** On a network that is there but barely, the kept page is shown after this long. */
const PATIENCE_MS = 2500;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(openPage().then(keep));
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

/** What a shop says, encrypted for this browser alone. Whatever comes must be shown; the same again takes the place of itself. */
self.addEventListener('push', (event) => {
  const { title, body, url, id } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, icon: '/icon-192.png', tag: id, data: url }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openCard(event.notification.data));
});

/** The page tells the server where the browser hears from now on, as soon as she opens it. */
self.addEventListener('pushsubscriptionchange', (event) => {
  const old = event.oldSubscription;
  if (old) event.waitUntil(self.registration.pushManager.subscribe(old.options));
});

async function openCard(url) {
  const windows = await self.clients.matchAll({ type: 'window' });
  const open = windows.find((window) => new URL(window.url).pathname === url);
  return open ? open.focus() : self.clients.openWindow(url);
}

/** The page in sight was fetched a moment ago under its own address: asked for under that, it need not come twice. */
async function openPage() {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = windows.map(({ url }) => new URL(url)).find(({ pathname }) => pathname.startsWith('/t/'));
  return fetch(open ? open.pathname + open.search : PAGE, { cache: 'no-cache' });
}

/** The newest page if it comes in time, else the kept one. */
async function page(event) {
  const fresh = fetch(event.request);
  event.waitUntil(fresh.then((response) => keep(response.clone())).catch(() => {}));
  const kept = await (await caches.open(CACHE)).match(PAGE);
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

/** Keeps a page together with all it asks for at once, and only then; drops what no page asks for any more. */
async function keep(response) {
  if (!response.ok) return;
  const html = await response.text();
  const wanted = new Set(html.match(/\/(?:assets\/[^"]+|icon\.svg)/g));
  const cache = await caches.open(CACHE);
  await Promise.all([...wanted].map(async (path) => (await cache.match(path)) ?? cache.add(path)));
  await cache.put(PAGE, new Response(html, { headers: response.headers }));
  const kept = await cache.keys();
  // What the page fetches later is kept when it does (`file`), and is no stranger meanwhile.
  const isStale = ({ pathname }) => pathname.startsWith('/assets/') && !wanted.has(pathname) && !SHELL.files.includes(pathname);
  await Promise.all(kept.filter(({ url }) => isStale(new URL(url))).map((request) => cache.delete(request)));
}

async function forgetOldCaches() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('sello-card-') && name !== CACHE).map((name) => caches.delete(name)));
}
