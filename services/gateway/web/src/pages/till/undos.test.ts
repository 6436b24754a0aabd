import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** The list of a page that is loaded anew in the same window. */
const loaded = async () => {
  vi.resetModules();
  return (await import('./undos.svelte')).undos;
};

beforeEach(() => {
  vi.useFakeTimers();
  const kept = new Map<string, string>();
  vi.stubGlobal('sessionStorage', { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, text: string) => kept.set(name, text), removeItem: (name: string) => kept.delete(name) });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('what can be taken back outlives a page that is loaded anew, and its minute does not grow', async () => {
  const before = await loaded();
  before.add('stamp', 'st', 'Rosa', 1, Date.now());
  await vi.advanceTimersByTimeAsync(20_000);
  expect((await loaded()).list).toEqual(before.list);
  await vi.advanceTimersByTimeAsync(41_000);
  expect((await loaded()).list).toEqual([]);
  expect(sessionStorage.getItem('sello.till.undo')).toBe(null);
});

test('what was being taken back when the page went can be asked again, under its own key', async () => {
  const before = await loaded();
  before.add('stamp', 'st', 'Rosa', 1, Date.now());
  const entry = before.list[0]!;
  void before.undo(entry);
  expect(before.list[0]!.busy).toBe(true);
  expect((await loaded()).list).toEqual([entry]);
});
