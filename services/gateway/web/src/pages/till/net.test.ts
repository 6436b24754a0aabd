import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { net } from './net.svelte';

/** What the next questions to the server are answered; without an answer the network is away. */
let answers: Response[];
const asked = vi.fn(async () => answers.shift() ?? Promise.reject(new TypeError('Failed to fetch')));
const refusal = () => new Response('{}', { status: 401, headers: { 'Content-Type': 'application/problem+json' } });

/** The phone's own opinion, with the event that it sends when that changes. */
function phoneSays(online: boolean): void {
  vi.stubGlobal('navigator', { onLine: online });
  if (!online) net.lost();
}

beforeEach(() => {
  answers = [];
  vi.stubGlobal('fetch', asked);
  phoneSays(true);
  net.found();
});

afterEach(() => {
  vi.unstubAllGlobals();
  asked.mockClear();
});

test('an answer that was on its way when the connection went does not bring it back', async () => {
  phoneSays(false);
  net.heard();
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  expect(net.offline).toBe(true);
});

test('a phone without a network that reaches its server all the same is not offline', async () => {
  phoneSays(false);
  answers = [refusal()];
  net.heard();
  await vi.waitFor(() => expect(net.offline).toBe(false));
});

test('an answer ends what only a request had found', () => {
  net.lost();
  net.heard();
  expect(net.offline).toBe(false);
  expect(asked).not.toHaveBeenCalled();
});
