import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { keptCard } from '$lib/keptcards';
import { bytesOf, renew, switchOff, switchOn } from './notices';

const KEY = 'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8';
const OTHER_KEY = 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4';
const DAY_MS = 86_400_000;

/** A browser that hears at one address after the other, and the requests that its page makes. */
const made: { options: { applicationServerKey: ArrayBuffer }; endpoint: string }[] = [];
let current: (typeof made)[number] | undefined;
let worker: object | undefined;
let answers: { status: number; body?: unknown }[];
let asked: { method: string; path: string; body: unknown }[];

function subscribe({ applicationServerKey }: { applicationServerKey: Uint8Array }) {
  const endpoint = `https://push.example/${made.length}`;
  current = { options: { applicationServerKey: applicationServerKey.slice().buffer as ArrayBuffer }, endpoint };
  made.push(current);
  return Promise.resolve(shown());
}

const shown = () =>
  current && {
    ...current,
    toJSON: () => ({ endpoint: current?.endpoint, keys: { p256dh: 'p', auth: 'a' } }),
    unsubscribe: () => ((current = undefined), Promise.resolve(true)),
  };

beforeEach(() => {
  made.length = 0;
  [current, worker, asked, answers] = [undefined, {}, [], []];
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, text: string) => kept.set(name, text), removeItem: (name: string) => kept.delete(name) });
  vi.stubGlobal('Notification', { permission: 'granted', requestPermission: () => Promise.resolve('granted') });
  const pushManager = { getSubscription: () => Promise.resolve(shown() ?? null), subscribe };
  vi.stubGlobal('navigator', { language: 'es', onLine: true, serviceWorker: { getRegistration: () => Promise.resolve(worker), ready: Promise.resolve({ pushManager }) } });
  vi.stubGlobal('fetch', (path: string, { method, body }: { method: string; body?: string }) => {
    asked.push({ method, path, body: body && (JSON.parse(body) as unknown) });
    const { status, body: told } = answers.shift() ?? { status: 201, body: { id: 's1' } };
    return Promise.resolve(new Response(told === undefined ? null : JSON.stringify(told), { status, headers: { 'Content-Type': 'application/json' } }));
  });
});
afterEach(() => vi.unstubAllGlobals());

test('on: the server is told where the browser hears, for our key', async () => {
  expect(await switchOn('c1', 'token', KEY)).toBeUndefined();
  expect(asked).toEqual([{ method: 'PUT', path: '/api/v1/cards/c1/push', body: { endpoint: 'https://push.example/0', keys: { p256dh: 'p', auth: 'a' } } }]);
  expect(new Uint8Array(made[0]!.options.applicationServerKey)).toEqual(bytesOf(KEY));
  expect(keptCard('c1')?.notices).toMatchObject({ subscription: 's1', endpoint: 'https://push.example/0' });
  expect(keptCard('c2')?.notices).toBeUndefined();
});

test('not on: she says no, the browser cannot, or the server does not take it', async () => {
  vi.stubGlobal('Notification', { requestPermission: () => Promise.resolve('denied') });
  expect(await switchOn('c1', 'token', KEY)).toBe('denied');
  vi.stubGlobal('Notification', { requestPermission: () => Promise.resolve('granted') });
  worker = undefined;
  expect(await switchOn('c1', 'token', KEY)).toBe('failed');
  expect(asked).toEqual([]);
  worker = {};
  answers = [{ status: 422, body: { type: 'https://sello.pe/problems/invalid', field: 'endpoint' } }];
  expect(await switchOn('c1', 'token', KEY)).toMatchObject({ status: 422 });
  expect(keptCard('c1')?.notices).toBeUndefined();
});

test('two cards of one browser are told of one address', async () => {
  await switchOn('c1', 'token', KEY);
  await switchOn('c2', 'token', KEY);
  expect(made).toHaveLength(1);
  expect(asked.map(({ path }) => path)).toEqual(['/api/v1/cards/c1/push', '/api/v1/cards/c2/push']);
});

test('off: by the id that the server gave; without the server it stays on', async () => {
  await switchOn('c1', 'token', KEY);
  answers = [{ status: 500, body: {} }, { status: 204 }];
  expect(await switchOff('c1', 'token')).toMatchObject({ status: 500 });
  expect(keptCard('c1')?.notices).toBeDefined();
  expect(await switchOff('c1', 'token')).toBeUndefined();
  expect(asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/api/v1/cards/c1/push/s1' });
  expect(keptCard('c1')?.notices).toBeUndefined();
  expect(await switchOff('c1', 'token')).toBeUndefined();
  expect(asked).toHaveLength(3);
});

test('with a visit only what has changed is told: another address, another key, a week', async () => {
  await renew('c1', 'token', KEY);
  expect(asked).toEqual([]);
  await switchOn('c1', 'token', KEY);
  await renew('c1', 'token', KEY);
  expect(asked).toHaveLength(1);
  await renew('c1', 'token', KEY, Date.now() + 8 * DAY_MS);
  expect(asked).toHaveLength(2);
  await renew('c1', 'token', OTHER_KEY, Date.now() + 8 * DAY_MS);
  expect(asked).toHaveLength(3);
  expect(made).toHaveLength(2);
  current = undefined;
  await renew('c1', 'token', OTHER_KEY, Date.now() + 8 * DAY_MS);
  expect(asked.at(-1)?.body).toMatchObject({ endpoint: 'https://push.example/2' });
});

test('what she switched off in the browser itself is off', async () => {
  await switchOn('c1', 'token', KEY);
  vi.stubGlobal('Notification', { permission: 'denied' });
  await renew('c1', 'token', KEY);
  expect(keptCard('c1')?.notices).toBeUndefined();
  expect(asked).toHaveLength(1);
});
