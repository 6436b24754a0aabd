/*
 * The till without a connection. The build writes `SHELL` above these lines: a version, and every file the page can
 * ask for, the reader included. They are kept together or not at all, and served as one version until the page
 * says that nobody is in the middle of anything. The API is never kept: what was done offline is in the queue.
 */
const CACHE = `caja-${SHELL.version}`;
const PAGE = '/caja';

self.addEventListener('install', (event) => {
  // `reload`: a kept page must come from the server and not from the browser's own cache.
  const wanted = SHELL.files.map((file) => new Request(file, { cache: file.startsWith('/assets/') ? 'default' : 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(wanted)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('caja-') && name !== CACHE).map((name) => caches.delete(name)));
}

self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api/')) return;
  const isPage = request.mode === 'navigate' && (url.pathname === PAGE || url.pathname.startsWith(`${PAGE}/`));
  if (!isPage && !SHELL.files.includes(url.pathname)) return;
  // The language and the pairing code stand behind the path, and it is the same page.
  const kept = caches.open(CACHE).then((cache) => cache.match(isPage ? PAGE : url.pathname));
  event.respondWith(kept.then((response) => response ?? fetch(request)));
});
