import type { Result } from '$lib/api';
import { langTag } from '$lib/i18n';
import { localProblem, problemFrom } from '$lib/problem';
import { session } from './account.svelte';

/** A picture over a slow line takes its time; a line that is dead is told by the browser long before. */
const TIMEOUT_MS = 120_000;

/** Sends a file as it is. `fetch` would not say how far it has come: `onprogress` hears it, 0 to 1. */
export async function upload<T>(path: string, file: Blob, onprogress: (share: number) => void): Promise<Result<T>> {
  const token = await session.token();
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open('PUT', path);
    request.responseType = 'json';
    request.timeout = TIMEOUT_MS;
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Accept-Language', langTag);
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`);
    const fail = (kind: 'offline' | 'timeout') => done({ ok: false, problem: localProblem(kind) });
    request.upload.addEventListener('progress', ({ loaded, total }) => onprogress(total ? loaded / total : 0));
    request.addEventListener('error', () => fail('offline'));
    request.addEventListener('timeout', () => fail('timeout'));
    request.addEventListener('load', () => {
      const { status, response } = request;
      if (status >= 200 && status < 300) return done({ ok: true, value: response as T, status });
      return done({ ok: false, problem: problemFrom(status, response, request.getResponseHeader('Retry-After')) });
    });
    request.send(file);
  });
}
