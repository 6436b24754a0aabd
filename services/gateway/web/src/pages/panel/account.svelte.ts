import type { ApiProblem, Method, RequestOptions, Result } from '$lib/api';
import { openSession } from '$lib/session';
import { Loaded } from './load.svelte';
import type { Business, Device, Member, Page, Place, Program } from './types';

/** Who is signed in, and what several rooms of the panel need to know of her business. */

export const session = openSession('panel');

export const ask = <T>(method: Method, path: string, options?: RequestOptions): Promise<Result<T>> => session.request<T>(method, path, options);

interface Me {
  member: Member;
  business: Business;
}

const KEPT = 'sello.panel.me';

function kept(): Me | undefined {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

const list = <T>(path: string) => new Loaded<T[]>(async () => {
  const result = await ask<Page<T>>('GET', path);
  return result.ok ? { ...result, value: result.value.items } : result;
});

class Account {
  signedIn = $state(session.signedIn());
  /** Shown once after signing up, until she says she has them. */
  codes = $state<string[]>([]);
  me = $state.raw<Me | undefined>(session.signedIn() ? kept() : undefined);
  problem = $state.raw<ApiProblem>();

  programs = list<Program>('/api/v1/programs?include_inactive=true');
  members = list<Member>('/api/v1/members');
  devices = list<Device>('/api/v1/devices');
  places = list<Place>('/api/v1/locations');

  constructor() {
    session.onChange((signedIn) => {
      if (signedIn === this.signedIn) return;
      this.signedIn = signedIn;
      if (!signedIn) this.#forget();
    });
    // Another tab signing out is told to this one by the browser alone.
    addEventListener('storage', () => {
      if (session.signedIn() === this.signedIn) return;
      this.signedIn = session.signedIn();
      if (!this.signedIn) this.#forget();
    });
  }

  load = async (): Promise<void> => {
    this.problem = undefined;
    const result = await ask<Me>('GET', '/api/v1/me');
    if (!result.ok) {
      this.problem = result.problem;
      return;
    }
    this.#learn(result.value);
  };

  /** After a change of the business's own data. */
  rename(business: Business): void {
    if (this.me) this.#learn({ ...this.me, business });
  }

  #learn(me: Me): void {
    this.me = me;
    try {
      localStorage.setItem(KEPT, JSON.stringify(me));
    } catch {
      // Then the next visit waits for the answer.
    }
  }

  #forget(): void {
    this.me = undefined;
    this.problem = undefined;
    for (const known of [this.programs, this.members, this.devices, this.places]) known.forget();
    for (const store of [localStorage, sessionStorage]) {
      for (const key of Object.keys(store)) if (key.startsWith('sello.panel.')) store.removeItem(key);
    }
  }
}

export const account = new Account();

/** The zone days are counted in. */
export const zone = (): string => account.me?.business.time_zone || 'America/Lima';
