// A Sello of one's own: the real binary on an empty folder and a free port, gone when the test is over. Beside it, what a
// test may ask of the API: only to set up what it is not about.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** A first start makes a PostgreSQL cluster; on a busy machine that takes its time. */
const START_MS = 180_000;
const STOP_MS = 60_000;
/** How much of what it said is told when it does not start. */
const TOLD_CHARACTERS = 4_000;

/** Starts the platform. `providers`: who stands in for WhatsApp and the wallets; nobody, unless it is `fake`. */
export async function startWorld({ providers = 'off' } = {}) {
  const binary = process.env.SELLO_BIN;
  if (!binary) throw new Error('SELLO_BIN is not set: give the absolute path of the sello binary, or run `make test-browser`.');
  const data = await mkdtemp(join(tmpdir(), 'sello-browser-'));
  const port = await freePort();
  const env = { ...process.env, TOOLS: process.env.TOOLS || resolve(ROOT, '.tools'), DATA: data, PORT: String(port), PROVIDERS: providers, DEMO: '0', LAN: '0', RATE_LIMITS: 'off' };
  const child = spawn(binary, ['run'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((done) => child.once('exit', done));
  // A test that dies must leave nothing running; the embedded servers die with their parent.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  const stop = async () => {
    child.kill('SIGINT');
    const late = setTimeout(kill, STOP_MS);
    await ended;
    clearTimeout(late);
    process.off('exit', kill);
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  };

  /** `sello operator …`: what is the operator's alone to decide. */
  const operator = (...words) => promisify(execFile)(binary, ['operator', ...words], { cwd: ROOT, env });

  try {
    return { url: await ready(child), operator, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address it says it is ready at. */
function ready(child) {
  return new Promise((done, fail) => {
    let said = '';
    const give = (why) => fail(new Error(`sello ${why}. It said:\n${said.slice(-TOLD_CHARACTERS)}`));
    const late = setTimeout(() => give(`was not ready after ${START_MS / 1000} s`), START_MS);
    child.once('error', (error) => give(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => give(`ended before it was ready (${signal ?? code})`));
    const hear = (piece) => {
      said = (said + piece).slice(-10 * TOLD_CHARACTERS);
      const url = /^ready (\S+)$/m.exec(said)?.[1];
      if (!url) return;
      clearTimeout(late);
      done(url);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
  });
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** Asks the API; throws what it refused. */
export async function api(url, method, path, { body, token, scheme = 'Bearer', operation } = {}) {
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      Accept: 'application/json',
      ...(body && { 'Content-Type': 'application/json' }),
      ...(token && { Authorization: `${scheme} ${token}` }),
      ...(operation && { 'Idempotency-Key': operation }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = response.status === 204 ? undefined : await response.json();
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

export const PASSWORD = 'una frase de prueba';
export const STAMPER = { name: 'Martín', pin: '2468' };

let phones = 900_000_000 + Math.floor(Math.random() * 90_000_000);
/** A phone number that nobody has yet. */
export const newPhone = () => `+51${(phones += 1)}`;

/** A card of ten stamps for a coffee, in the owner's name. */
export const makeProgram = (url, token, rules = {}) =>
  api(url, 'POST', '/api/v1/programs', {
    token,
    body: {
      name: 'Tarjeta de café',
      stamps_required: 10,
      rewards: [{ at: 10, title: 'Un café gratis', cost_cents: 450 }],
      rules: { max_per_visit: 10, min_minutes_between: 0, max_per_day: 0, ...rules },
      look: { ink: '#a03a1c', paper: '#fbf6ea', stamp_shape: 'cup' },
    },
  });

/** A shop with a card of ten stamps and somebody who stamps, and the owner's token. */
export async function openShop({ url }, { name = 'Café Prueba', rules = {} } = {}) {
  const email = `duena-${randomUUID().slice(0, 8)}@prueba.pe`;
  const { access_token: token, business } = await api(url, 'POST', '/api/v1/auth/signup', {
    body: { business: { name }, owner: { name: 'Lucía Paredes', email, password: PASSWORD } },
  });
  const program = await makeProgram(url, token, rules);
  const stamper = await api(url, 'POST', '/api/v1/members', { token, body: { ...STAMPER, role: 'stamper' } });
  return { token, business, program, stamper, email };
}

/** A customer of the shop with her card, as her own phone would get it. */
export async function enrol(world, shop, name = 'Rosa Quispe') {
  return api(world.url, 'POST', '/api/v1/enrollments', {
    body: { slug: shop.business.slug, name, phone: newPhone(), age_ok: true, consents: { program: true, marketing: false } },
  });
}

/** Stamps given by the owner's own hand. */
export const stamp = ({ url }, { token }, cardId, count = 1) =>
  api(url, 'POST', '/api/v1/stamps', { token, operation: randomUUID(), body: { card_id: cardId, count } });

/** A code that pairs one till. */
export const pairingCode = async ({ url }, { token }) => api(url, 'POST', '/api/v1/devices', { token, body: {} });
