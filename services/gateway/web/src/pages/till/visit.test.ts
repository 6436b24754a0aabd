import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { net } from './net.svelte';
import { outbox } from './outbox.svelte';
import { shift } from './shift.svelte';
import { undos } from './undos.svelte';
import { visit } from './visit.svelte';

vi.mock('./sound', () => ({ heardRead: vi.fn(), heardRefusal: vi.fn(), heardReward: vi.fn(), heardStamp: vi.fn() }));

type Answer = Awaited<ReturnType<typeof shift.ask>>;

const RULES = { max_per_visit: 1, min_minutes_between: 0, max_per_day: 0, expires_after_days: null, cents_per_stamp: null, welcome_stamps: 0 };
const PROGRAM = { id: 'p', name: 'Café', stamps_required: 10, rewards: [], rules: RULES, look: {} };
const CARD = { id: 'c', customer_id: 'u', program_id: 'p', stamps: 3, stamps_required: 10, cycle: 1, total: 3, version: 7, carried_cents: 0 };
const ok = (value: unknown): Answer => ({ ok: true, value, status: 200 });
const refused = (kind: string, status: number): Answer => ({ ok: false, problem: { kind, type: '', title: '', status } });
const cut: Answer = refused('timeout', 0);
const scanned = ok({ scan_id: 's', customer: { id: 'u', first_name: 'Rosa' }, card: CARD, program: PROGRAM, rewards: [], allowed: { now: true } });
const stamped = ok({ operation_id: 'o', stamp_id: 'st', card: { ...CARD, stamps: 4, version: 8 }, rewards_unlocked: [] });
const voided = ok({ card: { ...CARD, version: 9 }, rewards_taken_back: [] });

/** What the till asked, each to be answered when the test says so; each answer tells of the line, as it does in `shift`. */
let asked: { path: string; answer: (result: Answer) => Promise<void> }[];
const ask = () =>
  vi.spyOn(shift, 'ask').mockImplementation(
    (_method, path) =>
      new Promise((resolve) => {
        const answer = async (result: Answer) => {
          net.heard(result.ok ? undefined : result.problem);
          resolve(result as never);
          await vi.advanceTimersByTimeAsync(1);
        };
        asked.push({ path, answer });
      }),
  );
const scans = () => asked.filter(({ path }) => path === '/api/v1/scans');
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  ask();
  vi.spyOn(net, 'probe').mockResolvedValue();
  vi.spyOn(outbox, 'store').mockResolvedValue(true);
  vi.spyOn(outbox, 'withdraw').mockResolvedValue(true);
  vi.spyOn(outbox, 'hold').mockResolvedValue();
  vi.spyOn(outbox, 'release').mockResolvedValue();
  vi.spyOn(outbox, 'send').mockResolvedValue();
  visit.close();
  net.found();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('a scan that is not answered in time opens without a name, and its late answer brings the name', async () => {
  void visit.scan('code');
  await wait(4_100);
  expect([visit.stage, visit.stored, visit.name, net.offline]).toEqual(['open', true, '', true]);
  await scans()[0]!.answer(scanned);
  expect([visit.stage, visit.stored, visit.name, visit.card?.stamps, visit.late]).toEqual(['open', false, 'Rosa', 3, true]);
  expect(net.offline).toBe(false);
  expect(scans()).toHaveLength(1);
});

test('when the line is back, a card still nameless on the screen is asked for again', async () => {
  void visit.scan('code');
  await scans()[0]!.answer(cut);
  expect([visit.stored, net.offline]).toEqual([true, true]);
  net.found();
  await wait(1);
  expect(scans()).toHaveLength(2);
  await scans()[1]!.answer(scanned);
  expect([visit.stored, visit.name, visit.scanId]).toEqual([false, 'Rosa', 's']);
});

test('a card scanned while the line was away is asked for when it is back', async () => {
  net.lost();
  void visit.scan('code');
  expect([visit.stage, visit.stored, scans().length]).toEqual(['open', true, 0]);
  expect(net.probe).toHaveBeenCalled();
  net.found();
  await wait(1);
  await scans()[0]!.answer(scanned);
  expect(visit.name).toBe('Rosa');
});

test('a line that is cut again leaves the card as it was', async () => {
  net.lost();
  void visit.scan('code');
  net.found();
  await wait(1);
  await scans()[0]!.answer(cut);
  expect([visit.stage, visit.stored, visit.problem]).toEqual(['open', true, undefined]);
});

test('a refusal that comes late is said', async () => {
  void visit.scan('code');
  await wait(4_100);
  await scans()[0]!.answer(refused('code-revoked', 409));
  expect([visit.stored, visit.problem?.kind, visit.blocked]).toEqual([false, 'code-revoked', true]);
});

test('what was stored already goes on as it was, and is not asked for', async () => {
  net.lost();
  void visit.scan('code');
  await visit.stamp();
  net.found();
  await wait(1);
  expect([visit.stage, visit.stored, scans().length]).toEqual(['stamped', true, 0]);
  expect(outbox.send).toHaveBeenCalled();
});

test('an answer for the customer before is not shown to the next', async () => {
  void visit.scan('first');
  await wait(4_100);
  visit.close();
  net.lost();
  void visit.scan('second');
  await scans()[0]!.answer(scanned);
  expect(visit.name).toBe('');
});

async function giveOne(): Promise<void> {
  void visit.scan('code');
  await scans()[0]!.answer(scanned);
  void visit.stamp();
  await asked.at(-1)!.answer(stamped);
}

test('an undone stamp is not called done any more', async () => {
  await giveOne();
  expect([visit.stage, visit.undone, visit.card?.stamps]).toEqual(['stamped', false, 4]);
  void undos.undo(undos.list[0]!);
  await asked.at(-1)!.answer(voided);
  expect([visit.undone, visit.card?.stamps, undos.said?.ok]).toEqual([true, 3, true]);
});

test('nor is a stored one that was withdrawn', async () => {
  net.lost();
  void visit.scan('code');
  await visit.stamp();
  await undos.undo(undos.list[0]!);
  expect([visit.undone, undos.said?.ok]).toEqual([true, true]);
});

test('the next stamp silences what was said of an undo', async () => {
  await giveOne();
  void undos.undo(undos.list[0]!);
  await asked.at(-1)!.answer(voided);
  asked = [];
  await giveOne();
  expect([undos.said, visit.undone]).toEqual([undefined, false]);
});
