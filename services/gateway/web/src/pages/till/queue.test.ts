import { expect, test } from 'vitest';

import { add, BATCH_SIZE, defer, drop, giveBack, isFull, payloadOf, type Queue, QUEUE_CAP, recover, refused, settle, take, waiting, withdraw } from './queue';

const operation = (id: string) => ({ operation_id: id, code: `code-${id}`, count: 1, occurred_at: '2026-11-23T15:00:00.000Z' });
const queued = (...ids: string[]): Queue => ids.reduce<Queue>((queue, id) => add(queue, operation(id), 'queued'), []);
const states = (queue: Queue) => queue.map(({ operation_id, state }) => `${operation_id}:${state}`);

test('an operation goes from queued to sending to gone', () => {
  const { queue, batch } = take(queued('a', 'b'));
  expect(states(queue)).toEqual(['a:sending', 'b:sending']);
  expect(settle(queue, batch, [{ operation_id: 'a', status: 'done' }, { operation_id: 'b', status: 'replayed' }])).toEqual([]);
});

test('a refusal stays, with why, until it was read', () => {
  const { queue, batch } = take(queued('a', 'b'));
  const told = settle(queue, batch, [
    { operation_id: 'a', status: 'refused', problem: { slug: 'code-revoked', detail: 'x' } },
    { operation_id: 'b', status: 'done' },
  ]);
  expect(refused(told)).toMatchObject([{ operation_id: 'a', problem: { kind: 'code-revoked', detail: 'x' } }]);
  expect(take(told).batch).toEqual([]);
  expect(recover(told)).toEqual(told);
  expect(drop(told, 'a')).toEqual([]);
});

test('a page that died anywhere sends the same operation again', () => {
  const live = add(take(queued('a')).queue, operation('b'), 'live');
  expect(states(live)).toEqual(['a:sending', 'b:live']);
  expect(take(recover(live)).batch.map(({ operation_id }) => operation_id)).toEqual(['a', 'b']);
});

test('a batch without an answer, or left out of it, waits again', () => {
  const { queue, batch } = take(queued('a', 'b'));
  expect(states(giveBack(queue, batch))).toEqual(['a:queued', 'b:queued']);
  expect(states(settle(queue, batch, [{ operation_id: 'b', status: 'done' }]))).toEqual(['a:queued']);
});

test('an answer to another batch touches nothing of this one', () => {
  const later = add(take(queued('a')).queue, operation('b'), 'queued');
  expect(states(settle(later, take(queued('a')).batch, [{ operation_id: 'a', status: 'done' }, { operation_id: 'b', status: 'done' }]))).toEqual(['b:queued']);
});

test('one id is in the queue once', () => {
  expect(add(queued('a'), { ...operation('a'), count: 5 }, 'queued')).toEqual(queued('a'));
});

test('a stamp whose request went unanswered waits; one in a batch cannot be withdrawn', () => {
  const live = add([], operation('a'), 'live');
  expect(waiting(live)).toEqual([]);
  expect(withdraw(live, 'a')).toBeUndefined();
  expect(states(defer(live, 'a'))).toEqual(['a:queued']);
  expect(withdraw(defer(live, 'a'), 'a')).toEqual([]);
  expect(withdraw(take(queued('a')).queue, 'a')).toBeUndefined();
});

test('two hundred fit, and batches take the oldest first', () => {
  const full = queued(...Array.from({ length: QUEUE_CAP + 5 }, (_, at) => `${at}`));
  expect(full).toHaveLength(QUEUE_CAP);
  expect(isFull(full)).toBe(true);
  const { batch } = take(full);
  expect(batch).toHaveLength(BATCH_SIZE);
  expect(batch[0]?.operation_id).toBe('0');
});

test('what is signed says nothing but the operations', () => {
  const [named] = add([], { ...operation('a'), name: 'María', amount_cents: 1250 }, 'queued');
  expect(JSON.parse(payloadOf([named!], new Date('2026-11-23T16:00:00Z')))).toEqual({
    device_time: '2026-11-23T16:00:00.000Z',
    operations: [{ operation_id: 'a', code: 'code-a', count: 1, amount_cents: 1250, occurred_at: '2026-11-23T15:00:00.000Z' }],
  });
});

test('a code that changes with time waits in the queue as it was read', () => {
  const code = 'RAQGaFqWzcZKIt3Jhc0Xw9kAAAQ.1795766400.04815162';
  const { batch } = take(add([], { ...operation('a'), code }, 'queued'));
  expect(JSON.parse(payloadOf(batch, new Date(0))).operations).toMatchObject([{ operation_id: 'a', code }]);
});
