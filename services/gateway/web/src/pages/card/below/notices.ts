import { type ApiProblem, request } from '$lib/api';
import { keepCard, keptCard } from '$lib/keptcards';

/** Notices of what a shop says, switched on and off for one card. A browser has one subscription for all its cards. */

const SCOPE = '/t/';
/** What the server has lost meanwhile comes back with the first visit after this long. */
const TOLD_AGAIN_MS = 7 * 86_400_000;

/** Why they are not on: she or her browser does not want it, or something failed. */
export type NotOn = 'denied' | 'failed' | ApiProblem;

/** Asks her, and then tells the server where her browser hears. Must follow a touch. */
export async function switchOn(id: string, token: string, key: string): Promise<NotOn | undefined> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied';
  const subscription = await subscribed(key).catch(() => undefined);
  return subscription ? tell(id, token, subscription) : 'failed';
}

/** The server sends nothing of this card any more. */
export async function switchOff(id: string, token: string): Promise<ApiProblem | undefined> {
  const kept = keptCard(id)?.notices;
  if (!kept) return undefined;
  const result = await request('DELETE', `/api/v1/cards/${id}/push/${kept.subscription}`, { token, authScheme: 'Card' });
  // A card that is hers no more has no notices either.
  if (!result.ok && ![401, 403, 404].includes(result.problem.status)) return result.problem;
  keepCard({ id, token, notices: undefined });
  return undefined;
}

/** With a visit: whatever has changed of the browser's subscription is told. */
export async function renew(id: string, token: string, key: string, now = Date.now()): Promise<void> {
  const kept = keptCard(id)?.notices;
  if (!kept) return;
  if (Notification.permission !== 'granted') {
    // Switched off in the browser itself, which has told the push service.
    keepCard({ id, token, notices: undefined });
    return;
  }
  const subscription = await subscribed(key).catch(() => undefined);
  if (subscription && (subscription.endpoint !== kept.endpoint || now - kept.at > TOLD_AGAIN_MS)) await tell(id, token, subscription, now);
}

async function tell(id: string, token: string, subscription: PushSubscription, now = Date.now()): Promise<ApiProblem | undefined> {
  const { endpoint, keys } = subscription.toJSON();
  const result = await request<{ id: string }>('PUT', `/api/v1/cards/${id}/push`, { body: { endpoint, keys: { p256dh: keys?.p256dh, auth: keys?.auth } }, token, authScheme: 'Card' });
  if (!result.ok) return result.problem;
  keepCard({ id, token, notices: { subscription: result.value.id, endpoint: subscription.endpoint, at: now } });
  return undefined;
}

/** The browser's subscription for this key; made where there is none, or one for a key that is no more. */
async function subscribed(key: string): Promise<PushSubscription | undefined> {
  // Asked for first, because `ready` waits for ever where the browser has refused the worker.
  if (!(await navigator.serviceWorker.getRegistration(SCOPE))) return undefined;
  const { pushManager } = await navigator.serviceWorker.ready;
  const applicationServerKey = bytesOf(key);
  const known = await pushManager.getSubscription();
  if (known && sameBytes(known.options.applicationServerKey, applicationServerKey)) return known;
  await known?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

export function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

function sameBytes(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const bytes = new Uint8Array(one ?? []);
  return bytes.length === other.length && bytes.every((byte, at) => byte === other[at]);
}
