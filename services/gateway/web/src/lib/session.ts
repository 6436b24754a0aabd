import { type Method, type RequestOptions, type Result, request } from './api';
import { isNetwork } from './problem';

/** What signing in answers. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
  /** Seconds. */
  expires_in: number;
}

interface Kept {
  access: string;
  refresh: string;
  /** Milliseconds since 1970, by this device's clock. */
  expiresAt: number;
}

/** Renewed this long before it ends, so that no request is sent with a token about to die. */
const EARLY_MS = 30_000;

export interface Session {
  /** Whether there is someone signed in. */
  signedIn(): boolean;
  keep(tokens: Tokens): void;
  /** Forgets the tokens and tells the server, without waiting for it. */
  signOut(): void;
  /** A token good for now, renewed if need be; undefined when nobody is signed in or it cannot be renewed now. */
  token(): Promise<string | undefined>;
  /** Like `request`, signed; a refused token is renewed and the request sent once more. */
  request<T>(method: Method, path: string, options?: RequestOptions): Promise<Result<T>>;
  /** Calls back with each change, also those of another tab; returns how to stop. */
  onChange(listener: (signedIn: boolean) => void): () => void;
}

/** A session kept on this device under a page's name (`panel`, `till`). */
export function openSession(name: string): Session {
  const key = `sello.session.${name}`;
  const listeners = new Set<(signedIn: boolean) => void>();
  let renewal: Promise<Kept | undefined> | undefined;

  const kept = (): Kept | undefined => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  };
  const tell = () => listeners.forEach((listener) => listener(kept() !== undefined));
  const keep = (tokens: Tokens): Kept => {
    const next = { access: tokens.access_token, refresh: tokens.refresh_token, expiresAt: Date.now() + tokens.expires_in * 1000 };
    localStorage.setItem(key, JSON.stringify(next));
    tell();
    return next;
  };
  const forget = () => {
    localStorage.removeItem(key);
    tell();
  };

  /** One renewal at a time, over all tabs: a refresh token is good for one use. */
  const renew = (stale: Kept): Promise<Kept | undefined> => {
    renewal ??= exclusively(key, async () => {
      const current = kept();
      // Another tab may have renewed it, or signed out, while this one waited.
      if (!current || current.refresh !== stale.refresh) return current;
      const result = await request<Tokens>('POST', '/api/v1/auth/refresh', { body: { refresh_token: current.refresh } });
      if (result.ok) return keep(result.value);
      const refused = !isNetwork(result.problem) && [400, 401, 403].includes(result.problem.status);
      if (refused) forget();
      return undefined;
    }).finally(() => (renewal = undefined));
    return renewal;
  };

  const fresh = async (): Promise<Kept | undefined> => {
    const current = kept();
    if (!current || current.expiresAt - EARLY_MS > Date.now()) return current;
    // Offline, the old token is still worth trying: the request will say what is wrong.
    return (await renew(current)) ?? kept();
  };

  globalThis.addEventListener?.('storage', (event) => event.key === key && tell());

  return {
    signedIn: () => kept() !== undefined,
    keep,
    signOut() {
      const current = kept();
      forget();
      if (current) void request('POST', '/api/v1/auth/logout', { token: current.access });
    },
    token: async () => (await fresh())?.access,
    async request<T>(method: Method, path: string, options: RequestOptions = {}) {
      const current = await fresh();
      const first = await request<T>(method, path, { ...options, token: current?.access });
      if (first.ok || first.problem.status !== 401 || !current) return first;
      const renewed = await renew(current);
      return renewed ? request<T>(method, path, { ...options, token: renewed.access }) : first;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  // Locks need a secure context; without them one tab at a time is still right.
  return globalThis.navigator?.locks ? (navigator.locks.request(name, work) as Promise<T>) : work();
}
