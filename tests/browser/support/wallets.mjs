// What the platform says of wallets, said in its stead: whether Apple and Google are there is no matter of the pages, and each
// of their states must be seen.

export const LINKS = { apple_url: '/wallet/passes/prueba', google_url: '/wallet/google/prueba' };

/** Cards and enrolments are the platform's own, but for their links. */
export async function withWallets(page, links = LINKS) {
  await page.route(/\/api\/v1\/(cards\/[^/?]+|enrollments)$/, async (route) => {
    const response = await route.fetch();
    const answer = response.ok() ? await response.json() : undefined;
    if (!answer) return route.fulfill({ response });
    const isNew = answer.card?.holder_token !== undefined;
    return route.fulfill({ response, json: isNew ? { ...answer, card: { ...answer.card, ...links } } : { ...answer, ...links } });
  });
}

const WELL = [
  { wallet: 'apple', on: true, stopped: null, is_development: false, good_until: '2099-01-01T00:00:00Z' },
  { wallet: 'google', on: true, stopped: null, is_development: false, good_until: null },
];
export const TROUBLED = [
  { wallet: 'apple', on: true, stopped: 'BadCertificate', is_development: false, good_until: '2099-01-01T00:00:00Z' },
  { wallet: 'google', on: true, stopped: null, is_development: true, good_until: null },
];

/** Two updates that were given up and one on its way, of one customer. */
export function lateFor(customer) {
  const of = (id, more) => ({ id, kind: 'push', card_id: customer, customer_id: customer, attempts: 9, wanted_at: '2026-01-01T15:00:00Z', next_at: null, ...more });
  return [
    of('0190a000-0000-7000-8000-0000000000d1', { wallet: 'apple', status: 'dead', reason: 'BadTopic' }),
    of('0190a000-0000-7000-8000-0000000000d2', { wallet: 'google', status: 'dead', reason: 'unreachable' }),
    of('0190a000-0000-7000-8000-0000000000d3', { wallet: 'apple', status: 'waiting', reason: 'timeout', attempts: 2, next_at: '2099-01-01T15:00:00Z' }),
  ];
}

/** How wallets stand, and what has not arrived. What is tried again arrives. */
export async function withDeliveries(page, { wallets = WELL, late = [] } = {}) {
  const list = (items) => ({ json: { items, next_cursor: null } });
  await page.route('**/api/v1/wallets', (route) => route.fulfill(list(wallets)));
  await page.route('**/api/v1/deliveries?*', (route) => {
    const status = new URL(route.request().url()).searchParams.get('status');
    return route.fulfill(list(late.filter((one) => one.status === status)));
  });
  await page.route('**/api/v1/deliveries/**', (route) => {
    const [, id] = /deliveries\/([^/]+)\/retry$/.exec(route.request().url()) ?? [];
    const tried = late.filter((one) => one.status === 'dead' && (id === undefined || one.id === id));
    late = late.filter((one) => !tried.includes(one));
    return id ? route.fulfill({ status: 204 }) : route.fulfill({ json: { retried: tried.length } });
  });
}

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mPk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** Passes are drawn, or cannot be; a logo is taken and given up, and refused where `refusal` gives a reason. */
export async function withArt(page, { isAway = false, refusal } = {}) {
  let hasLogo = false;
  await page.route('**/api/v1/pass-art?*', (route) => (isAway ? route.fulfill({ status: 503 }) : route.fulfill({ contentType: 'image/png', body: PNG })));
  await page.route('**/wallet/art/**', (route) => (hasLogo ? route.fulfill({ contentType: 'image/png', body: PNG }) : route.fulfill({ status: 404 })));
  await page.route('**/api/v1/programs/*/logo', (route) => {
    if (refusal) return route.fulfill({ status: 422, contentType: 'application/problem+json', json: { type: 'https://sello.pe/problems/invalid', title: '', status: 422, field: 'image', reason: refusal } });
    hasLogo = route.request().method() === 'PUT';
    return hasLogo ? route.fulfill({ json: { version: 'prueba' } }) : route.fulfill({ status: 204 });
  });
}
