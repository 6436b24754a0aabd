import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { newOperationId, request } from './api';
import { openSession } from './session';

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
const answers = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();
const sent = (at: number) => new Headers(answers.mock.calls[at]?.[1].headers);

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('fetch', answers.mockReset());
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a cut is tried again under the same key', async () => {
  answers.mockRejectedValueOnce(new TypeError('cut')).mockResolvedValueOnce(json(201, { stamp_id: 's' }));
  const key = newOperationId();
  expect(await request('POST', '/api/v1/stamps', { body: {}, idempotencyKey: key })).toEqual({ ok: true, value: { stamp_id: 's' }, status: 201 });
  expect([sent(0).get('Idempotency-Key'), sent(1).get('Idempotency-Key')]).toEqual([key, key]);
});

test('the tries of a request are one trace, and each request is its own', async () => {
  for (const _ of ['one', 'other']) {
    answers.mockRejectedValueOnce(new TypeError('cut')).mockResolvedValueOnce(json(200, {}));
    await request('GET', '/api/v1/me');
  }
  const sentAs = answers.mock.calls.map((_, at) => /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(sent(at).get('traceparent') ?? ''));
  const [first, again, other, otherAgain] = sentAs.map((parts) => parts?.[1]);
  expect(first).toBeDefined();
  expect([again, otherAgain]).toEqual([first, other]);
  expect(other).not.toBe(first);
  expect(new Set(sentAs.map((parts) => parts?.[2])).size).toBe(4);
});

test('a problem names its trace where somebody else answered in the server’s place', async () => {
  answers.mockResolvedValueOnce(new Response('bad gateway', { status: 500 }));
  const result = await request('POST', '/api/v1/stamps', { body: {} });
  expect(sent(0).get('traceparent')).toContain(`-${result.ok ? '' : result.problem.trace_id}-`);
  answers.mockResolvedValueOnce(json(500, { trace_id: 'its-own' }));
  expect(await request('POST', '/api/v1/stamps', { body: {} })).toMatchObject({ problem: { trace_id: 'its-own' } });
});

test('a problem names its trace where no answer came', async () => {
  answers.mockRejectedValue(new TypeError('cut'));
  const result = await request('POST', '/api/v1/scans', { body: {} });
  expect(sent(0).get('traceparent')).toContain(`-${result.ok ? '' : result.problem.trace_id}-`);
});

test('a command without a key is sent once', async () => {
  answers.mockRejectedValue(new TypeError('cut'));
  expect(await request('POST', '/api/v1/scans', { body: {} })).toMatchObject({ ok: false, problem: { kind: 'offline', status: 0 } });
  expect(answers).toHaveBeenCalledTimes(1);
});

test('a refusal is not tried again', async () => {
  answers.mockResolvedValue(json(409, { type: 'https://sello.pe/problems/too-soon' }));
  expect(await request('POST', '/api/v1/stamps', { idempotencyKey: newOperationId() })).toMatchObject({ ok: false, problem: { kind: 'too-soon' } });
  expect(answers).toHaveBeenCalledTimes(1);
});

test('the holder token goes under its own scheme', async () => {
  answers.mockResolvedValue(json(200, {}));
  await request('GET', '/api/v1/cards/c', { token: 'h', authScheme: 'Card' });
  expect(sent(0).get('Authorization')).toBe('Card h');
});

test('two requests with a dead token renew it once', async () => {
  const session = openSession('panel');
  session.keep({ access_token: 'old', refresh_token: 'r1', expires_in: 0 });
  answers.mockImplementation(async (path) => (path.endsWith('/refresh') ? json(200, { access_token: 'new', refresh_token: 'r2', expires_in: 600 }) : json(200, {})));
  await Promise.all([session.request('GET', '/api/v1/me'), session.request('GET', '/api/v1/business')]);
  const paths = answers.mock.calls.map(([path]) => path);
  expect(paths.filter((path) => path.endsWith('/refresh'))).toHaveLength(1);
  expect([sent(1).get('Authorization'), sent(2).get('Authorization')]).toEqual(['Bearer new', 'Bearer new']);
});

test('a refused renewal signs out; a cut one does not', async () => {
  const session = openSession('panel');
  session.keep({ access_token: 'old', refresh_token: 'r1', expires_in: 0 });
  answers.mockRejectedValue(new TypeError('cut'));
  await session.token();
  expect(session.signedIn()).toBe(true);
  answers.mockResolvedValue(json(401, {}));
  expect(await session.token()).toBeUndefined();
  expect(session.signedIn()).toBe(false);
});

test('an answer cut in its middle is not taken for an empty one', async () => {
  const half = new ReadableStream({ start: (stream) => stream.error(new TypeError('cut')) });
  answers.mockResolvedValue(new Response(half, { status: 200, headers: { 'Content-Type': 'application/json' } }));
  expect(await request('POST', '/api/v1/scans', { body: {} })).toMatchObject({ ok: false, problem: { kind: 'offline' } });
});
