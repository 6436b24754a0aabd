import { type Method, type RequestOptions, type Result, request } from '$lib/api';
import type { ApiProblem } from '$lib/problem';
import { openSession, type Tokens } from '$lib/session';
import { device } from './device.svelte';
import { net } from './net.svelte';
import { remember, remembered } from './storage';
import type { Member, Program, Roster } from './types';

/** A till nobody touched for this long asks for the PIN again. */
const IDLE_LOCK_MS = 5 * 60_000;
/** Touches are written down this often, so that a reload knows of them. */
const TOUCH_EVERY_MS = 15_000;
/** An answer that takes longer is treated as none: at a till somebody is waiting. */
const ANSWER_MS = 4_000;

const session = openSession('till');

/** Who works at this till now, and what the business lets her do. */
class Shift {
  roster = $state.raw<Roster | undefined>(remembered<Roster>('roster'));
  member = $state.raw<Member | undefined>(remembered<Member>('member'));
  locked = $state(false);
  #signedIn = $state(session.signedIn());
  #touched = remembered<number>('touched') ?? 0;

  constructor() {
    session.onChange((signedIn) => (this.#signedIn = signedIn));
    this.locked = Date.now() - this.#touched > IDLE_LOCK_MS;
  }

  /** A PIN is asked for: nobody is in, or nobody was here for a while. */
  get needsPin(): boolean {
    if (!this.#signedIn || !this.member) return true;
    // No PIN can be checked without a connection; then only signed stamps are stored, and those are judged later.
    return this.locked && !net.offline;
  }

  get zone(): string {
    return this.roster?.business.time_zone ?? 'America/Lima';
  }

  get isManager(): boolean {
    return this.member?.role === 'manager' || this.member?.role === 'owner';
  }

  program(id: string): Program | undefined {
    return this.roster?.programs.find((program) => program.id === id);
  }

  async load(): Promise<ApiProblem | undefined> {
    const result: Result<Roster> = await request('GET', '/api/v1/till', { token: device.token, authScheme: 'Device', timeoutMs: ANSWER_MS });
    net.heard(result.ok ? undefined : result.problem);
    if (!result.ok) {
      if (result.problem.status === 401) await device.unpair(true);
      return result.problem;
    }
    this.roster = result.value;
    remember('roster', result.value);
    return undefined;
  }

  async enter(member: Member, pin: string): Promise<ApiProblem | undefined> {
    const result: Result<Tokens & { member: Member }> = await request('POST', '/api/v1/auth/pin', {
      body: { device_token: device.token, member_id: member.id, pin },
    });
    net.heard(result.ok ? undefined : result.problem);
    if (!result.ok) {
      // Ten wrong PINs unpair a till.
      if (result.problem.kind === 'unauthenticated') await device.unpair(true);
      return result.problem;
    }
    if (session.signedIn()) session.signOut();
    session.keep(result.value);
    const { id, name, role } = result.value.member;
    this.member = { id, name, ...(role && { role }) };
    remember('member', this.member);
    this.locked = false;
    this.#note(Date.now());
    return undefined;
  }

  /** Somebody else takes over. */
  leave(): void {
    session.signOut();
    this.member = undefined;
    remember('member', undefined);
  }

  touch(): void {
    const now = Date.now();
    if (!this.locked && now - this.#touched > TOUCH_EVERY_MS) this.#note(now);
  }

  lockIfIdle(): void {
    if (Date.now() - this.#touched > IDLE_LOCK_MS + TOUCH_EVERY_MS) this.locked = true;
  }

  /** A signed request that is given up after `withinMs`, retries included. */
  async ask<T>(method: Method, path: string, options: RequestOptions & { withinMs?: number } = {}): Promise<Result<T>> {
    const { withinMs = 5_000, ...rest } = options;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), withinMs);
    const result = await session.request<T>(method, path, { timeoutMs: ANSWER_MS, signal: stop.signal, ...rest });
    clearTimeout(timer);
    net.heard(result.ok ? undefined : result.problem);
    return result;
  }

  #note(now: number): void {
    this.#touched = now;
    remember('touched', now);
  }
}

export const shift = new Shift();
