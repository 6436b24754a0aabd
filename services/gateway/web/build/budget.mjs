// Fails when a cold visit of a page weighs more than it may. Counted is everything that comes over the wire until the page can be
// used, and just after by itself: the document, what it and its first room ask for, icons and manifest, what its service worker
// fetches anew; then an allowance for the headers of each answer, and for what the API says. Text is weighed as brotli.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

/** Of one answer, with the security headers that it carries. */
const HEADERS_BYTES = 300;

/**
 * `room`: what the page opens first, a chunk of its own. `after`: what comes by itself once the page stands. `again`: how many
 * files are only asked whether they are still right. `answers`: how many answers of the API it waits for (a live socket's is one),
 * and what they may weigh in all, compressed. `near`: a chunk below the first screen of a small phone, which a tall one asks for at
 * once; both must fit. `later`: told, and not counted.
 * An `apple-touch-icon` is fetched when the page is put on a home screen, and not before.
 */
const PAGES = {
  home: { limit: 60, answers: [0, 0] },
  join: { limit: 60, answers: [1, 3_000] },
  card: { limit: 60, after: ['/sw-card.js'], again: 1, near: 'Below', answers: [2, 4_000], later: /Sheets|notices|icon-192|manifest-card/ },
  // The reader is what the till may take its time for. Its worker asks for the document and the icon as well.
  till: { limit: 120, after: ['/sw-caja.js', '/manifest-caja.webmanifest', '/icon-192.png'], again: 3, answers: [2, 4_000], later: /reader|worker/ },
  panel: { limit: 200, room: 'Today', answers: [7, 12_500] },
};

const files = readdirSync(dist, { recursive: true }).map((name) => `/${name}`);
const read = (path) => readFileSync(dist + path, 'utf8');
const weigh = (path, suffix = '.br') => statSync(existsSync(dist + path + suffix) ? dist + path + suffix : dist + path).size;
const sum = (paths, suffix) => paths.reduce((bytes, path) => bytes + weigh(path, suffix), 0);

/** What the document asks for at once. */
const askedBy = (html) =>
  [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="(\/[^"]+)"/g)].filter(([tag]) => !tag.includes('apple-touch-icon')).map(([, path]) => path);

/** A chunk that the page's script opens first, with what the build says it needs. */
function roomOf(scripts, name) {
  const text = scripts.map(read).find((script) => script.includes(`./${name}-`)) ?? '';
  const all = JSON.parse(/m\.f=(\[[^\]]*\])/.exec(text)?.[1] ?? '[]');
  const needed = new RegExp(`import\\(.\\./(${name}-[^"'\`]+).\\)[^)]*__vite__mapDeps\\(\\[([\\d,]*)\\]`).exec(text);
  if (!needed) throw new Error(`the build has no room ${name}`);
  return [...new Set([`/assets/${needed[1]}`, ...needed[2].split(',').map((at) => `/${all[Number(at)]}`)])];
}

const kb = (bytes) => (bytes / 1000).toFixed(1);
const KINDS = { html: /\.html$/, js: /\.js$/, css: /\.css$/, 'icons and manifest': /\.(svg|png|webmanifest)$/ };

let failed = false;
for (const [page, { limit, room, after = [], again = 0, near, answers: [answers, answersBytes], later }] of Object.entries(PAGES)) {
  const document = `/${page}.html`;
  const first = askedBy(read(document));
  const scripts = first.filter((path) => path.endsWith('.js'));
  const fetched = [...new Set([document, ...first, ...(room ? roomOf(scripts, room) : []), ...after])];
  const requests = fetched.length + again + answers;
  const total = sum(fetched) + requests * HEADERS_BYTES + answersBytes;
  const below = near ? roomOf(scripts, near).filter((path) => !fetched.includes(path)) : [];
  const tall = total + sum(below) + below.length * HEADERS_BYTES;
  const over = tall > limit * 1000;
  failed ||= over;
  const parts = Object.entries(KINDS).map(([kind, is]) => `${kind} ${kb(sum(fetched.filter((path) => is.test(path))))}`);
  const rest = later && files.filter((path) => later.test(path) && !/\.(br|gz)$/.test(path) && !fetched.includes(path));
  console.log(`${page.padEnd(6)}${kb(total).padStart(6)} KB of ${limit}${near ? `, ${kb(tall)} on a tall screen` : ''}${over ? '  TOO HEAVY' : ''}`);
  console.log(`       ${fetched.length} files ${kb(sum(fetched))} (gzip ${kb(sum(fetched, '.gz'))}): ${parts.join(', ')}`);
  console.log(`       allowed for ${requests} answers: headers ${kb(requests * HEADERS_BYTES)}, the API ${kb(answersBytes)}${rest ? `; later ${kb(sum(rest))}` : ''}`);
}
process.exit(failed ? 1 : 0);
