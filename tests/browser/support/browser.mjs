// The browser: found, or else installed; and what every page of a test is watched for.
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1440, height: 900 };
/** The machine may be slow and shared; a test waits for the thing, and this long at most. */
export const PATIENCE_MS = 60_000;

const HERE = fileURLToPath(new URL('..', import.meta.url));
export const SHOTS = join(HERE, 'shots');

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts the browser. `film` is the file a fake camera plays, in place of a question whether the page may film; `camera` alone is a
 * camera that nobody has allowed.
 */
export function launch({ film, camera = film !== undefined } = {}) {
  const args = [...FLAGS];
  if (camera) args.push('--use-fake-device-for-media-stream');
  if (film) args.push('--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film}`);
  return chromium.launch({ executablePath: findBrowser(), args });
}

let found;
function findBrowser() {
  return (found ??= process.env.CHROMIUM || installed() || fromDebian() || fromPlaywright());
}

function installed() {
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  const places = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'].flatMap((name) => folders.map((folder) => join(folder, name)));
  return places.find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function fromDebian() {
  if (process.getuid?.() !== 0 || !isProgram('/usr/bin/apt-get')) return undefined;
  console.error("No Chromium is installed: installing Debian's (apt-get install chromium).");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('/usr/bin/apt-get', ['update', '-q'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('/usr/bin/apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch {
    console.error('apt-get could not install it.');
  }
  return installed();
}

function fromPlaywright() {
  console.error("No Chromium is installed: fetching Playwright's (npx playwright-core install chromium-headless-shell).");
  try {
    execFileSync('npx', ['--no-install', 'playwright-core', 'install', 'chromium-headless-shell'], { cwd: HERE, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch {
    throw new Error('The browser tests need a Chromium and none could be installed: install one, or say where it is with CHROMIUM=/path/to/chromium.');
  }
  // Undefined lets Playwright take the one it has just fetched.
  return undefined;
}

/**
 * A person with a browser of her own: nothing is shared with others. What no page may ever do is written into `faults`: errors on
 * the console, violations of the content security policy, and requests to anybody but `url`.
 */
export async function person(browser, url, options = {}) {
  const context = await browser.newContext({ baseURL: url, locale: 'es-PE', timezoneId: 'America/Lima', viewport: PHONE, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  const { host } = new URL(url);
  context.on('request', (request) => {
    const asked = new URL(request.url());
    if (/^(https?|wss?):$/.test(asked.protocol) && asked.host !== host) faults.push(`asked another host: ${request.url()}`);
  });
  context.on('console', (message) => {
    // A refused call is the browser's to report; what the page makes of it is the test's.
    const isAnswer = /\/(api|wallet)\//.test(message.location().url) && message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => faults.push(`uncaught: ${error.error().stack ?? error.error()}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => console.error(`content security policy: ${violatedDirective} ${blockedURI}`));
  });
  return { context, faults, page: await context.newPage() };
}

/** Pictures of all open pages, for whoever must find out what went wrong. */
export async function photograph(browser, name) {
  await mkdir(SHOTS, { recursive: true });
  const pages = browser.contexts().flatMap((context) => context.pages());
  await Promise.all(pages.map((page, at) => page.screenshot({ path: join(SHOTS, `${name}-${at}.png`) }).catch(() => {})));
}
