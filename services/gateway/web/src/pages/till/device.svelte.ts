import { type Result, request } from '$lib/api';
import { type ApiProblem, localProblem } from '$lib/problem';
import { base64url } from './base64url';
import { readOne, remember, write } from './storage';
import type { Business } from './types';

/** A paired till, as it is kept: its token, and the key that signs what it did without a connection. */
interface Kept {
  id: string;
  name: string;
  token: string;
  business: Business;
  /** The private half cannot be read out of the browser, not even by us. Absent on plain http. */
  key?: CryptoKeyPair;
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const KEPT_AS = 'this';

class Device {
  state = $state<'loading' | 'unpaired' | 'paired'>('loading');
  /** The server no longer knows us: said on the pairing screen. */
  dropped = $state(false);
  #kept = $state.raw<Kept>();

  get name(): string {
    return this.#kept?.name ?? '';
  }

  get token(): string | undefined {
    return this.#kept?.token;
  }

  get canSign(): boolean {
    return this.#kept?.key !== undefined;
  }

  async load(): Promise<void> {
    this.#kept = await readOne<Kept>('device', KEPT_AS).catch(() => undefined);
    this.state = this.#kept ? 'paired' : 'unpaired';
  }

  async pair(code: string, name: string): Promise<ApiProblem | undefined> {
    // Where nothing can be kept the till would be lost with its next reload, so that the code must not be used up.
    if (!(await this.#canKeep())) return { ...localProblem('internal'), kind: 'no-storage' };
    // Plain http on a shop's own network has no signing; such a till works, but only with a connection.
    const key = globalThis.crypto.subtle && ((await crypto.subtle.generateKey(CURVE, false, ['sign', 'verify'])) as CryptoKeyPair);
    const publicKey = key && base64url(await crypto.subtle.exportKey('raw', key.publicKey));
    const result: Result<{ device_token: string; device_id: string; business: Business }> = await request('POST', '/api/v1/devices/pair', {
      body: { pairing_code: code, name, ...(publicKey && { public_key: publicKey }) },
    });
    if (!result.ok) return result.problem;
    const { device_token: token, device_id: id, business } = result.value;
    const kept = { id, name, token, business, ...(key && { key }) };
    await write('device', (objects) => objects.put(kept, KEPT_AS));
    // The queue must outlive a full disk.
    void navigator.storage?.persist?.();
    this.#kept = kept;
    this.dropped = false;
    this.state = 'paired';
    return undefined;
  }

  async unpair(dropped = false): Promise<void> {
    await write('device', (objects) => objects.delete(KEPT_AS));
    for (const name of ['roster', 'member', 'touched']) remember(name, undefined);
    remember('undo', undefined, 'sessionStorage');
    this.#kept = undefined;
    this.dropped = dropped;
    this.state = 'unpaired';
  }

  /** `r || s` over the text's bytes, in base64url. */
  async sign(text: string): Promise<string | undefined> {
    const key = this.#kept?.key;
    return key && base64url(await crypto.subtle.sign(SIGNING, key.privateKey, new TextEncoder().encode(text)));
  }

  async #canKeep(): Promise<boolean> {
    try {
      await write('device', (objects) => objects.delete(KEPT_AS));
      return true;
    } catch {
      return false;
    }
  }
}

export const device = new Device();
