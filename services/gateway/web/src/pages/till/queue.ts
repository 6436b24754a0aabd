/**
 * Stamps given without a connection: a queue of operations as plain values. An operation is `live` while the
 * ordinary request for it is on its way, `queued` when it waits for a connection, `sending` while a batch
 * carries it, and `refused` when the server said no and nobody has read why yet. What is done leaves the queue.
 * Whatever was under way when the page died is queued again: the operation id makes a second sending harmless.
 */
export interface Operation {
  operation_id: string;
  code: string;
  count: number;
  amount_cents?: number;
  /** When the stamp was given, by this device's clock. */
  occurred_at: string;
  state: 'live' | 'queued' | 'sending' | 'refused';
  /** Why, once refused. */
  problem?: { kind: string; detail?: string; reason?: string; until?: string };
  /** Whose card, if it was known when the connection went. Never sent. */
  name?: string;
}

export type Queue = readonly Operation[];
export type NewOperation = Omit<Operation, 'state' | 'problem'>;

/** One answer of a batch. */
export interface BatchResult {
  operation_id: string;
  status: 'done' | 'replayed' | 'refused';
  problem?: { slug: string; detail?: string; reason?: string; until?: string };
}

/** Most stamps one device may hold: what a lost or stolen till could still give. */
export const QUEUE_CAP = 200;
/** So that one batch is answered within seconds, over any network. */
export const BATCH_SIZE = 50;

export const waiting = (queue: Queue): Operation[] => queue.filter(({ state }) => state === 'queued' || state === 'sending');
export const refused = (queue: Queue): Operation[] => queue.filter(({ state }) => state === 'refused');
export const isFull = (queue: Queue): boolean => queue.length >= QUEUE_CAP;

const change = (queue: Queue, ids: Set<string>, next: (operation: Operation) => Operation | undefined): Queue =>
  queue.flatMap((operation) => (ids.has(operation.operation_id) ? (next(operation) ?? []) : operation));

const only = (id: string) => new Set([id]);

/** Puts an operation in; the same id a second time changes nothing, and a full queue stays as it is. */
export function add(queue: Queue, operation: NewOperation, state: 'live' | 'queued'): Queue {
  if (queue.some(({ operation_id }) => operation_id === operation.operation_id) || isFull(queue)) return queue;
  return [...queue, { ...operation, state }];
}

/** After a start: nothing is under way any more. */
export const recover = (queue: Queue): Queue =>
  queue.map((operation) => (operation.state === 'live' || operation.state === 'sending' ? { ...operation, state: 'queued' as const } : operation));

/** The ordinary request got no answer: the operation waits. */
export const defer = (queue: Queue, id: string): Queue => change(queue, only(id), (operation) => ({ ...operation, state: 'queued' }));

/** The ordinary request was answered, or a refusal was read. */
export const drop = (queue: Queue, id: string): Queue => change(queue, only(id), () => undefined);

/** Takes back what has not left; undefined when it is too late for that. */
export function withdraw(queue: Queue, id: string): Queue | undefined {
  return queue.some(({ operation_id, state }) => operation_id === id && state === 'queued') ? drop(queue, id) : undefined;
}

/** The oldest that wait, now on their way. */
export function take(queue: Queue): { queue: Queue; batch: Operation[] } {
  const batch = queue.filter(({ state }) => state === 'queued').slice(0, BATCH_SIZE);
  const ids = new Set(batch.map(({ operation_id }) => operation_id));
  return { queue: change(queue, ids, (operation) => ({ ...operation, state: 'sending' })), batch };
}

/** What the server said to each of a batch; those it did not mention wait again. */
export function settle(queue: Queue, batch: readonly Operation[], results: readonly BatchResult[]): Queue {
  const answers = new Map(results.map((result) => [result.operation_id, result]));
  return change(queue, new Set(batch.map(({ operation_id }) => operation_id)), (operation) => {
    const answer = answers.get(operation.operation_id);
    if (!answer) return { ...operation, state: 'queued' };
    if (answer.status !== 'refused') return undefined;
    const { slug = 'internal', ...why } = answer.problem ?? {};
    return { ...operation, state: 'refused', problem: { kind: slug, ...why } };
  });
}

/** The batch as a whole was not taken, or its answer never came. */
export const giveBack = (queue: Queue, batch: readonly Operation[]): Queue => settle(queue, batch, []);

/** The text that is signed and sent, byte for byte. */
export function payloadOf(batch: readonly Operation[], deviceTime: Date): string {
  const operations = batch.map(({ operation_id, code, count, amount_cents, occurred_at }) => ({
    operation_id,
    code,
    count,
    ...(amount_cents !== undefined && { amount_cents }),
    occurred_at,
  }));
  return JSON.stringify({ device_time: deviceTime.toISOString(), operations });
}
