// What the platform says of campaigns and messages, said in its stead: each state of the pages must be seen, and some come only
// when WhatsApp is in trouble. What is asked is kept in `asked`.

const HOUR_MS = 3_600_000;
const at = (ms) => new Date(Date.now() + ms).toISOString();
const idOf = (n) => `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const cost = (amount_cents) => ({ amount_cents, currency: 'PEN', prices_of: '2026-10-01' });
const NO_COUNTS = { planned: 0, holdout: 0, requested: 0, sent: 0, delivered: 0, read: 0, failed: 0, canceled: 0 };

const template = (name, language, body, variables, status = 'approved') => ({ name, language, category: 'marketing', body, variables, status, content_sid: '' });
const HER = [{ name: 'first_name', sample: 'Ana' }, { name: 'business', sample: 'Café' }];
export const TEMPLATES = [
  template('win_back', 'es', 'Hola {{1}}, te extrañamos en {{2}}. Responde BAJA si no quieres más mensajes.', HER),
  template('news', 'es', 'Hola {{1}}, novedades de {{2}}: {{3}}. Responde BAJA si no quieres más mensajes.', [...HER, { name: 'news', sample: 'dos por uno' }]),
  template('news', 'en', 'Hi {{1}}, news from {{2}}: {{3}}. Reply STOP to get no more.', [...HER, { name: 'news', sample: 'two for one' }]),
  template('feedback', 'es', '¿Cómo te fue, {{1}}?', HER.slice(0, 1), 'pending'),
];

export function campaign(n, more = {}) {
  return {
    campaign_id: idOf(n),
    name: 'Vuelve por tu café',
    kind: 'blast',
    status: 'draft',
    version: 1,
    audience: { all: [{ days_since_visit: { min: 30 } }] },
    trigger: null,
    wordings: [{ language: 'es', template: 'win_back', variables: ['{first_name}', '{business}'] }],
    channel_policy: 'wallet_first',
    wallet_days: 3,
    holdout_percent: 10,
    category: 'marketing',
    scheduled_at: null,
    launched_at: null,
    ended_at: null,
    created_at: at(-HOUR_MS),
    counts: { ...NO_COUNTS },
    cost: cost(0),
    held_by: null,
    ...more,
  };
}

/** What of it may still be changed, as campaign says it. */
function editableOf({ status, kind, launched_at }) {
  if (['running', 'done', 'canceled'].includes(status)) return 'none';
  return kind === 'blast' && launched_at ? 'name' : 'all';
}

const HALF_WAY = { ...NO_COUNTS, planned: 100, holdout: 11, requested: 40, sent: 55, delivered: 50, read: 20, failed: 5 };
export const RUNNING = () => campaign(1, { status: 'running', launched_at: at(-HOUR_MS), counts: HALF_WAY, cost: cost(1_430) });

export const SCHEDULED = () => campaign(2, { name: 'Para el jueves', status: 'scheduled', scheduled_at: at(48 * HOUR_MS) });
export const FAILURES = [{ reason: 'not_reachable', count: 3 }, { reason: 'provider', count: 1 }, { reason: 'blocked', count: 1 }];

const message = (n, direction, text, ms) => ({ message_id: idOf(100 + n), customer_id: idOf(50), campaign_id: null, direction, category: 'service', text, status: direction === 'in' ? 'received' : 'read', reason: null, reason_text: null, attempts: 1, cost_cents: 0, created_at: at(ms), changed_at: at(ms), next_at: null, retryable: false });

export const THREADS = () => [
  { thread_id: idOf(61), customer_id: idOf(50), customer_name: 'Rosa', address_end: '321', unread: 2, open_until: at(HOUR_MS / 2), messages: [message(1, 'out', 'Te extrañamos.', -23 * HOUR_MS), message(2, 'in', '¿Abren los domingos?', -23.5 * HOUR_MS)] },
  { thread_id: idOf(62), customer_id: null, customer_name: null, address_end: '877', unread: 0, open_until: null, messages: [message(3, 'in', 'Perdí mi tarjeta', -30 * HOUR_MS)] },
];

const failure = (n, customer_name, reason, retryable) => ({ id: idOf(200 + n), kind: 'message', customer_id: idOf(50), customer_name, text: 'Hola, te extrañamos.', status: 'dead', reason, reason_text: null, attempts: 3, retryable, created_at: at(-HOUR_MS), next_at: null });
export const FAILED = () => [failure(1, 'Rosa', 'provider', true), failure(2, 'Carmen', 'blocked', false), failure(3, 'Ana', 'budget', true)];

export const ACCOUNT = {
  status: 'approved',
  provider: 'fake',
  sender: '+51900000001',
  daily_budget_cents: 5_000,
  daily_limit_cents: 10_000,
  daily_spent_cents: 1_430,
  monthly_budget_cents: 40_000,
  monthly_limit_cents: 100_000,
  monthly_spent_cents: 25_100,
  quality: { delivered: 412, opted_out: 6, blocked: 1, opt_out_rate: 0.0146, block_rate: 0.0024, state: 'none', reason: null },
  tier: { limit: 2_000, used: 146, days_to_half: 9, planned_per_day: 500 },
  held_by: null,
  circuit: 'closed',
  quiet_from_hour: 21,
  quiet_until_hour: 9,
  waiting: 0,
  dead: 3,
};

/** In no hour of the day is it night, and in this one it is. */
export const AWAKE = { ...ACCOUNT, quiet_from_hour: 0, quiet_until_hour: 0 };
export function asleep() {
  const hour = Number(new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23', timeZone: 'America/Lima' }).format(Date.now()));
  return { ...ACCOUNT, quiet_from_hour: (hour + 23) % 24, quiet_until_hour: (hour + 3) % 24 };
}

const EXCLUDED = { erased: 1, opted_out: 4, no_consent: 55, capped: 7, holdout: 13, no_pass: 0 };

/** Of two hundred, and of the fourteen whose turn it is today. */
function reached({ trigger, channel_policy }) {
  if (trigger) return { count: 14, reachable: 9, excluded: { ...EXCLUDED, erased: 0, opted_out: 1, no_consent: 3, capped: 0, holdout: 1 }, cost: cost(channel_policy === 'wallet' ? 0 : 234), by_wallet: 4, tier_left: 250 };
  if (channel_policy === 'wallet') return { count: 200, reachable: 36, excluded: { ...EXCLUDED, holdout: 4, no_pass: 93 }, cost: cost(0), by_wallet: 36, tier_left: 250 };
  return { count: 200, reachable: 120, excluded: EXCLUDED, cost: cost(3_120), by_wallet: 40, tier_left: 250 };
}

const NO_FIGURES = { stamps: 0, enrollments: 0, rewards_unlocked: 0, rewards_redeemed: 0, visitors: 0 };
const NO_MESSAGES = { sent: 0, delivered: 0, read: 0, failed: 0, opted_out: 0, cost_cents: 0 };

/** Thirty days up to today, two of them written on, the last ten days ago. */
export function MONTH() {
  const wrote = { 4: { sent: 180, delivered: 176, read: 90, failed: 3, opted_out: 1, cost_cents: 5_220 }, 5: { ...NO_MESSAGES, read: 21, opted_out: 1 }, 19: { sent: 240, delivered: 233, read: 150, failed: 5, opted_out: 2, cost_cents: 6_960 } };
  return Array.from({ length: 30 }, (_, n) => ({ ...NO_FIGURES, day: at((n - 29) * 24 * HOUR_MS).slice(0, 10), visitors: 12 + ((n * 7) % 11) + (n === 20 || n === 6 ? 14 : 0), messages: wrote[n] ?? NO_MESSAGES }));
}

const TRIGGERS = ['at_risk', 'birthday', 'one_stamp_left', 'reward_expiring', 'welcome', 'feedback'];

/** Answers in the platform's stead. `refuse(method, path, body)` may give a problem to answer with. */
export async function withMessages(page, { campaigns = [], threads = [], failed = [], failures = FAILURES, account = AWAKE, month = [], refuse = () => undefined } = {}) {
  const state = { campaigns, threads, failed, account, asked: [], automations: TRIGGERS.map((trigger, n) => campaign(11 + n, { kind: 'automation', trigger, name: trigger, audience: { all: [] } })) };
  const STATUS = { pause: 'paused', resume: 'running', cancel: 'canceled' };
  const list = (items, more) => ({ json: { items, next_cursor: null, ...more } });
  const sum = (days) => days.reduce((all, { messages }) => Object.fromEntries(Object.entries(messages).map(([key, n]) => [key, n + (all[key] ?? 0)])), { ...NO_MESSAGES });
  const shown = (one) => ({ ...one, editable: editableOf(one) });
  const told = ({ messages, ...thread }) => ({ ...thread, last: messages.at(-1) });
  let made = 1_000;

  const answers = {
    'GET campaigns': () => list(state.campaigns.map(shown)),
    'POST campaigns': (_, body) => {
      const drafted = campaign(made++, { ...body, trigger: body.trigger ?? null });
      state.campaigns = [drafted, ...state.campaigns];
      return { status: 201, json: shown(drafted) };
    },
    'GET automations': () => list(state.automations.map(shown)),
    'GET templates': () => list(TEMPLATES),
    'GET messaging': () => ({ json: state.account }),
    'PATCH messaging': (_, body) => ({ json: (state.account = { ...state.account, ...body }) }),
    'POST audiences/preview': (_, body) => ({ json: reached(body) }),
    'GET analytics/overview': () => ({ json: { days: month, total: { ...NO_FIGURES, messages: sum(month) }, before: { ...NO_FIGURES, messages: NO_MESSAGES } } }),
    'GET inbox': () => list(state.threads.map(told), { unread: state.threads.reduce((sum, { unread }) => sum + unread, 0) }),
    'POST deliveries/retry': () => {
      const retried = state.failed.filter(({ retryable }) => retryable).length;
      state.failed = state.failed.filter(({ retryable }) => !retryable);
      return { json: { retried } };
    },
    'GET deliveries': ([, , query]) => list(query.get('kind') === 'message' ? state.failed : []),
  };

  function one(method, path, body) {
    const [room, id, what] = path.split('/');
    if (room === 'campaigns') {
      const found = [...state.campaigns, ...state.automations].find(({ campaign_id }) => campaign_id === id);
      if (!found) return { status: 404, json: {} };
      if (what === 'results') return { json: { counts: found.counts, written: { customers: 50, came_back: 15 }, holdout: { customers: 11, came_back: 2 }, verdict: 'unknown', known_after: at(14 * 24 * HOUR_MS), lift: null, soles_per_sol: null, cost: found.cost, opted_out: 1 } };
      if (what === 'failures') return { json: { failures: found.counts.failed > 0 ? failures : [] } };
      if (method === 'PATCH') Object.assign(found, body);
      if (method === 'PATCH' && found.status === 'scheduled' && body.scheduled_at === null) found.status = 'draft';
      if (what === 'launch') Object.assign(found, found.scheduled_at ? { status: 'scheduled' } : { status: 'running', launched_at: at(0), counts: { ...NO_COUNTS, planned: 120, holdout: 13, requested: 120 } });
      else if (what) found.status = STATUS[what];
      if (what === 'cancel') found.ended_at = at(0);
      return { json: shown(found) };
    }
    if (room === 'inbox') {
      const thread = state.threads.find(({ thread_id }) => thread_id === id);
      if (!thread) return { status: 404, json: {} };
      if (method === 'POST') {
        const said = { ...message(made++, 'out', body.text, 0), status: 'waiting' };
        thread.messages.push(said);
        return { status: 201, json: said };
      }
      thread.unread = 0;
      return { json: { thread: told(thread), messages: thread.messages } };
    }
    state.failed = state.failed.filter((failed) => failed.id !== id);
    return { status: 204 };
  }

  await page.route(/\/api\/v1\/(campaigns|automations|templates|messaging|audiences|inbox|deliveries|analytics\/overview)([/?]|$)/, async (route) => {
    const request = route.request();
    const url = new URL(request.url());
    const path = url.pathname.replace('/api/v1/', '');
    const body = request.postDataJSON();
    state.asked.push({ method: request.method(), path, body, key: request.headers()['idempotency-key'] });
    const problem = refuse(request.method(), path, body);
    if (problem === 'cut') return route.abort('connectionreset');
    if (problem) return route.fulfill({ status: problem.status, contentType: 'application/problem+json', body: JSON.stringify({ type: 'https://sello.pe/problems/invalid', title: '', ...problem }) });
    const known = answers[`${request.method()} ${path}`];
    return route.fulfill(known ? known([request.method(), path, url.searchParams], body) : one(request.method(), path, body));
  });
  return state;
}
