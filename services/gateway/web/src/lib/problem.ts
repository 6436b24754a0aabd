/** Why a request did not do what it was asked (RFC 9457), or could not be asked at all. */
export interface ApiProblem {
  /** The last part of `type` (`too-soon`), or `offline`, `timeout`, `internal` when no server said so. */
  kind: string;
  /** The full `type`, or `about:blank`. */
  type: string;
  title: string;
  /** The HTTP status; 0 when no answer came. */
  status: number;
  detail?: string;
  /** The field at fault, in the words of the API (`rewards[1].at`), and why (`too_long`). */
  field?: string;
  reason?: string;
  trace_id?: string;
  /** When a limit ends, RFC 3339. */
  until?: string;
  /** Seconds the server asked us to wait. */
  retryAfter?: number;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Reads a problem from an answer's body, whatever it holds. */
export function problemFrom(status: number, body: unknown, retryAfter?: string | null): ApiProblem {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const type = textOf(given.type) ?? 'about:blank';
  const wait = Number(retryAfter ?? NaN);
  return {
    kind: type.split(/[/#:]/).pop() || 'blank',
    type,
    title: textOf(given.title) ?? '',
    status,
    detail: textOf(given.detail),
    field: textOf(given.field),
    reason: textOf(given.reason),
    trace_id: textOf(given.trace_id),
    until: textOf(given.until),
    retryAfter: Number.isFinite(wait) ? wait : undefined,
  };
}

/** A problem of our own making: the network's, not the server's. */
export function localProblem(kind: 'offline' | 'timeout' | 'internal'): ApiProblem {
  return { kind, type: `about:${kind}`, title: '', status: 0 };
}

/** What finds a failure that nobody foresaw, for whoever is asked to look into it; undefined where she can mend it or wait herself. */
export const traceOf = ({ kind, status, trace_id }: ApiProblem): string | undefined => (kind === 'internal' || (status >= 500 && status !== 503) ? trace_id : undefined);

/** Whether no server has judged the request: it may be tried again as it was. */
export const isNetwork = (problem: ApiProblem): boolean => problem.kind === 'offline' || problem.kind === 'timeout';
