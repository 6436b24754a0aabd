import { langTag } from './i18n';
import { type ApiProblem, isNetwork, localProblem, problemFrom } from './problem';

export type { ApiProblem } from './problem';

/** What came of a request: its value, or why not. Nothing is thrown. */
export type Result<T> = { ok: true; value: T; status: number } | { ok: false; problem: ApiProblem };

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface RequestOptions {
  /** Sent as JSON, unless it is a string, a Blob or a FormData. */
  body?: unknown;
  token?: string;
  /** `Card` for a holder token, `Device` for a till's own; `Bearer` unless told. */
  authScheme?: 'Bearer' | 'Card' | 'Device';
  /** One per intent (`newOperationId`): with it a request that changes something may be retried. */
  idempotencyKey?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

const TIMEOUT_MS = 10_000;
/** Waits before the second and the third try; each is stretched by up to half, so that phones do not march in step. */
const RETRY_AFTER_MS = [400, 1_200];
const TRANSIENT = new Set([502, 503, 504]);

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A new id for one intent of a person: keep it until the outcome is known. */
export function newOperationId(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Plain http on a shop's own network has no randomUUID.
  const bytes = random(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Asks the API. `path` begins with `/api/`. Retries on its own where that cannot do a thing twice. */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<Result<T>> {
  const repeatable = method === 'GET' || options.idempotencyKey !== undefined;
  // Its tries are one trace, and a problem names it even where no answer came.
  const trace = hex(random(16));
  for (let tried = 0; ; tried++) {
    const result = await once<T>(method, path, options, trace);
    const wait = RETRY_AFTER_MS[tried];
    if (result.ok || !repeatable || wait === undefined || options.signal?.aborted) return result;
    const { problem } = result;
    if (!isNetwork(problem) && !TRANSIENT.has(problem.status)) return result;
    // A phone that knows it is offline gets its answer now, not after the waits.
    if (problem.kind === 'offline' && globalThis.navigator?.onLine === false) return result;
    // A server that asks for patience gets it from the person, who sees why; we only bridge short hiccups.
    if ((problem.retryAfter ?? 0) > 2) return result;
    await new Promise((resolve) => setTimeout(resolve, wait * (1 + Math.random() / 2)));
    // Given up while it waited: a signal aborted before a fetch would not stop it.
    if (options.signal?.aborted) return result;
  }
}

async function once<T>(method: Method, path: string, options: RequestOptions, trace: string): Promise<Result<T>> {
  const stop = new AbortController();
  const giveUp = () => stop.abort();
  const timer = setTimeout(giveUp, options.timeoutMs ?? TIMEOUT_MS);
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const response = await fetch(path, { method, signal: stop.signal, cache: 'no-store', credentials: 'omit', ...payload(options, trace) });
    const value = await read(response);
    if (response.ok) return { ok: true, value: value as T, status: response.status };
    const problem = problemFrom(response.status, value, response.headers.get('Retry-After'));
    // What stands in between and answers in the server's place names no trace.
    return { ok: false, problem: { ...problem, trace_id: problem.trace_id ?? trace } };
  } catch {
    // fetch tells a cut from a refusal in words that differ by browser; the person needs only this much.
    return { ok: false, problem: { ...localProblem(stop.signal.aborted ? 'timeout' : 'offline'), trace_id: trace } };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', giveUp);
  }
}

function payload({ body, token, authScheme = 'Bearer', idempotencyKey }: RequestOptions, trace: string): { headers: Headers; body?: BodyInit } {
  const headers = new Headers({ Accept: 'application/json', 'Accept-Language': langTag, traceparent: `00-${trace}-${hex(random(8))}-01` });
  if (token) headers.set('Authorization', `${authScheme} ${token}`);
  if (idempotencyKey) headers.set('Idempotency-Key', idempotencyKey);
  if (body === undefined) return { headers };
  if (typeof body === 'string' || body instanceof Blob || body instanceof FormData) return { headers, body };
  headers.set('Content-Type', 'application/json');
  return { headers, body: JSON.stringify(body) };
}

/** JSON where the answer is JSON, a Blob for files, nothing for 204. */
async function read(response: Response): Promise<unknown> {
  const type = response.headers.get('Content-Type') ?? '';
  if (response.status === 204) return undefined;
  // An answer cut in its middle is no answer; of a refusal its status is enough.
  if (/[/+]json/.test(type)) return response.ok ? response.json() : response.json().catch(() => undefined);
  return response.ok ? response.blob() : undefined;
}
