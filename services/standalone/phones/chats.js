// The demonstration's pretend WhatsApp: what was sent to each number, drawn as it is told, and what is written there in return.

const TEXTS = {
  title: ['Mensajes de mentira', 'Pretend messages'],
  demonstration: ['Demostración', 'Demonstration'],
  about: [
    'Aquí llega lo que la tienda manda por WhatsApp: un celular dibujado por cliente. Elige un número, lee como esa persona y respóndele a la tienda.',
    'Here arrives what the shop sends by WhatsApp: one drawn phone for each customer. Choose a number, read as that person and answer the shop.',
  ],
  panel: ['Abrir el panel', 'Open the panel'],
  wallets: ['Ver las tarjetas', 'See the cards'],
  people: ['Celulares', 'Phones'],
  nobody: [
    'Todavía no hay mensajes. Lanza una campaña en el panel, o escribe desde un número.',
    'There are no messages yet. Launch a campaign in the panel, or write from a number.',
  ],
  other: ['Escribir desde otro número', 'Write from another number'],
  open: ['Abrir', 'Open'],
  shop: ['La tienda', 'The shop'],
  quick: ['Respuestas rápidas', 'Quick answers'],
  text: ['Mensaje', 'Message'],
  send: ['Enviar', 'Send'],
  answer: ['Responder', 'Answer'],
  answering: ['Respondes a: {text}', 'Answering: {text}'],
  notReplying: ['Quitar', 'Remove'],
  foot: [
    'Nada de esto sale a WhatsApp ni a Twilio: aquí mismo responde un servidor que hace de ellos. El dibujo no es suyo. Los nombres no viajan con los mensajes; por eso solo se ven números.',
    'Nothing of this goes to WhatsApp or Twilio: a server of our own stands in for them. The drawing is not theirs. Names do not travel with messages, so only numbers are seen.',
  ],
  whose: ['El celular de {number}', 'The phone of {number}'],
  choose: ['Elige un celular', 'Choose a phone'],
  empty: ['Esta conversación está vacía. Escribe para empezarla.', 'This chat is empty. Write to begin it.'],
  emptyNobody: ['Cuando la tienda escriba, el mensaje aparece aquí.', 'When the shop writes, the message appears here.'],
  wait: ['Esperando los mensajes.', 'Waiting for the messages.'],
  cut: ['Se cortó la conexión con los mensajes. Vuelve sola.', 'The connection to the messages was cut. It comes back by itself.'],
  badNumber: ['Escribe un celular: 9 dígitos del Perú, o + y el país.', 'Write a mobile number: 9 digits of Peru, or + and the country.'],
  notTaken: ['La plataforma no recibió el mensaje ({status}).', 'The platform did not take the message ({status}).'],
  noAnswer: ['sin respuesta', 'no answer'],
  unread: ['{count} sin leer', '{count} unread'],
  own: ['Tú: {text}', 'You: {text}'],
  today: ['Hoy', 'Today'],
  accepted: ['en camino', 'on its way'],
  queued: ['en camino', 'on its way'],
  sent: ['enviado', 'sent'],
  delivered: ['entregado', 'delivered'],
  read: ['leído', 'read'],
  failed: ['No llegó ({code})', 'It did not arrive ({code})'],
  undelivered: ['No llegó ({code})', 'It did not arrive ({code})'],
  received: ['', ''],
};

const english = navigator.language.toLowerCase().startsWith('en');
const tag = english ? 'en' : 'es-PE';
const t = (key, values = {}) => (TEXTS[key]?.[english ? 1 : 0] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** The words that the shop's number knows. */
const WORDS = ['BAJA', 'ALTA', 'SELLOS'];
const CHANNEL = 'whatsapp:';
/** How near the end one reads along. */
const NEAR_PX = 80;

const clock = (at) => at.toLocaleTimeString(tag, { hour: 'numeric', minute: '2-digit' });
const $ = (id) => document.getElementById(id);

/** An element with its class, its children, and what is set on it. */
function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

function button(text, act) {
  const element = make('button', '', text);
  element.type = 'button';
  element.addEventListener('click', act);
  return element;
}

/** `whatsapp:+51987654321` as people write it. */
function shown(address) {
  const number = address.replace(CHANNEL, '');
  return number.replace(/^\+51(\d{3})(\d{3})(\d{3})$/, '+51\u00a0$1\u00a0$2\u00a0$3');
}

/** What somebody typed as a number, as an address; nothing if it is none. */
function addressOf(typed) {
  const text = typed.replace(/[\s().-]/g, '').replace(CHANNEL, '');
  if (/^9\d{8}$/.test(text)) return `${CHANNEL}+51${text}`;
  if (/^\+?[1-9]\d{9,14}$/.test(text)) return `${CHANNEL}+${text.replace('+', '')}`;
  return undefined;
}

/** Text with addresses to follow, and *bold* and _italic_ as on WhatsApp. */
function rich(text) {
  const line = make('p', '');
  for (const part of text.split(/(https?:\/\/[^\s]+[^\s.,;:!?)]|\*[^*\n]+\*|(?<!\w)_[^_\n]+_(?!\w))/)) {
    if (/^https?:/.test(part)) {
      const link = make('a', '', part);
      link.href = part;
      link.target = '_blank';
      link.rel = 'noreferrer';
      line.append(link);
    } else if (/^\*.+\*$/.test(part)) line.append(make('strong', '', part.slice(1, -1)));
    else if (/^_.+_$/.test(part)) line.append(make('em', '', part.slice(1, -1)));
    else line.append(part);
  }
  return line;
}

/** What is between each number and the shop. */
const chats = new Map();
/** How many of the shop's messages each has seen. */
const seen = new Map();
let current = '';
let answering;
let isFirst = true;

const isLost = ({ status }) => status === 'failed' || status === 'undelivered';
const arrived = (messages) => messages.filter((message) => !message.inbound && !isLost(message)).length;
const newest = (address) => chats.get(address)?.at(-1)?.at ?? '';

function drawPeople() {
  const order = [...chats.keys()].sort((a, b) => newest(b).localeCompare(newest(a)));
  const focused = document.activeElement?.dataset?.address;
  $('nobody').hidden = order.length > 0;
  $('people').replaceChildren(...order.map((address) => make('li', '', person(address))));
  // A message that comes in must not take the keyboard away from the list.
  if (focused) $('people').querySelector(`[data-address="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function person(address) {
  const messages = chats.get(address);
  const last = messages.at(-1);
  const unread = address === current ? 0 : Math.max(0, arrived(messages) - (seen.get(address) ?? 0));
  const badge = make('b', '', String(unread));
  badge.setAttribute('aria-label', t('unread', { count: unread }));
  badge.role = 'img';
  const line = last ? (last.inbound ? t('own', { text: last.body }) : last.body) : '';
  const element = button('', () => choose(address, true));
  element.dataset.address = address;
  element.setAttribute('aria-current', String(address === current));
  element.append(
    make('strong', '', shown(address)),
    last ? make('time', '', clock(new Date(last.at))) : '',
    make('small', '', line),
    unread ? badge : '',
  );
  return element;
}

let drawn = new Set();
function drawTalk(isOther) {
  const log = $('log');
  const messages = chats.get(current) ?? [];
  const isNear = isOther || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
  if (isOther) drawn = new Set(messages.map(({ sid }) => sid));
  $('whose').textContent = current ? t('whose', { number: shown(current) }) : t('choose');
  for (const control of document.querySelectorAll('.quick button, .say textarea, .say > button')) control.disabled = !current;
  const rows = [];
  let day = '';
  for (const message of messages) {
    const at = new Date(message.at);
    const on = at.toDateString();
    if (on !== day) rows.push(make('li', 'day', on === new Date().toDateString() ? t('today') : at.toLocaleDateString(tag, { day: 'numeric', month: 'long' })));
    day = on;
    rows.push(bubble(message, messages));
    if (!drawn.has(message.sid) && !message.inbound) say(message.body);
    drawn.add(message.sid);
  }
  if (!messages.length) rows.push(make('li', 'empty', t(current ? 'empty' : 'emptyNobody')));
  const focused = document.activeElement;
  const [sid, place] = [focused?.closest?.('.log li')?.dataset.sid, focused?.dataset?.place];
  log.replaceChildren(...rows);
  // A message that moves on must not take the keyboard away from its buttons.
  if (sid) log.querySelector(`[data-sid="${sid}"] [data-place="${place}"]`)?.focus({ preventScroll: true });
  if (isNear) log.scrollTop = log.scrollHeight;
  if (current) seen.set(current, arrived(messages));
}

function bubble(message, all) {
  const row = make('li', `bubble ${message.inbound ? 'own' : ''} ${isLost(message) ? 'lost' : ''} ${drawn.has(message.sid) ? '' : 'fresh'}`);
  const answered = message.reply_to && all.find(({ sid }) => sid === message.reply_to);
  if (answered) row.append(make('blockquote', '', answered.body));
  row.append(rich(message.body));
  const state = t(message.status, { code: message.error_code });
  const below = make('div', 'below', make('span', '', clock(new Date(message.at)), state && !isLost(message) ? ` · ${state}` : ''));
  if (isLost(message)) below.append(make('strong', '', state));
  else if (!message.inbound) below.append(button(t('answer'), () => answer(message)));
  row.append(below);
  if (message.buttons?.length && !isLost(message)) {
    row.append(make('div', 'choices', ...message.buttons.map(({ text }) => button(text, () => write(text, message.sid, true)))));
  }
  row.dataset.sid = message.sid;
  for (const [place, control] of row.querySelectorAll('button, a').entries()) control.dataset.place = place;
  return row;
}

function answer(message) {
  answering = message?.sid;
  $('replying').hidden = !message;
  $('replying').firstElementChild.textContent = message ? t('answering', { text: message.body }) : '';
  $('text').focus();
}

function choose(address, byHand) {
  const isOther = address !== current;
  current = address;
  if (isOther) {
    answering = undefined;
    $('replying').hidden = true;
    trouble();
  }
  if (byHand) stand(address);
  drawTalk(isOther);
  drawPeople();
}

/** The address shows whose phone it is, and no more what was to be written. */
const stand = (address) => history.replaceState(null, '', `/mensajes#${address.replace(CHANNEL, '')}`);

function trouble(text) {
  $('trouble').hidden = !text;
  $('trouble').textContent = text ?? '';
}

async function write(text, answers, pressed = false) {
  if (!current || !text.trim()) return false;
  trouble();
  const from = current;
  const body = JSON.stringify({ number: from.replace(CHANNEL, ''), text: text.trim(), answers, pressed });
  const sent = await fetch('/mensajes/escribir', { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => undefined);
  const told = sent?.ok ? await sent.json() : undefined;
  const isTaken = told?.answer >= 200 && told.answer < 300;
  if (!isTaken && from === current) trouble(t('notTaken', { status: told?.answer ?? sent?.status ?? t('noAnswer') }));
  return Boolean(told);
}

function say(text) {
  const line = make('p', '', text);
  $('said').append(line);
  // Several may come at once; what was read is cleared away.
  setTimeout(() => line.remove(), 5_000);
}

function tell(text) {
  $('status').hidden = !text;
  $('status').textContent = text ?? '';
}

function tick() {
  for (const time of document.querySelectorAll('.bar time')) time.textContent = clock(new Date()).replace(/\s.*/, '');
}

document.documentElement.lang = tag;
document.title = `${t('title')} · Sello`;
for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
for (const element of document.querySelectorAll('[data-label]')) element.setAttribute('aria-label', t(element.dataset.label));
$('quick').append(...WORDS.map((word) => button(word, () => write(word))));
$('replying').querySelector('button').addEventListener('click', () => answer());

$('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = $('text').value;
  const answers = answering;
  if (!(await write(text, answers))) return;
  // What was typed meanwhile stays.
  if ($('text').value === text) $('text').value = '';
  stand(current);
  if (answering === answers) answer();
});
$('text').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $('say').requestSubmit();
});
$('other').addEventListener('submit', (event) => {
  event.preventDefault();
  const address = addressOf($('number').value);
  $('number-fault').hidden = Boolean(address);
  $('number-fault').textContent = address ? '' : t('badNumber');
  $('number').setAttribute('aria-invalid', String(!address));
  if (!address) return $('number').focus();
  if (!chats.has(address)) chats.set(address, []);
  $('number').value = '';
  choose(address, true);
  $('text').focus();
});

tick();
setInterval(tick, 5_000);
tell(t('wait'));

// A join page leads here with a number and a word to send: `/mensajes?numero=987654321&texto=…`.
const asked = new URLSearchParams(location.search);
const wanted = addressOf(asked.get('numero') ?? decodeURIComponent(location.hash.slice(1)));
if (wanted) {
  chats.set(wanted, []);
  choose(wanted, false);
} else drawTalk(true);
if (wanted && asked.get('texto')) {
  $('text').value = asked.get('texto');
  // All that is left to do is to send it, and on a small screen that lies far down.
  $('text').focus({ preventScroll: true });
  $('say').scrollIntoView({ block: 'end' });
}

const changes = new EventSource('/mensajes/cambios');
changes.addEventListener('message', ({ data }) => {
  const told = JSON.parse(data);
  tell();
  $('sender').textContent = shown(told.sender);
  const isFirstOfCurrent = !chats.get(current)?.length;
  for (const { address, messages } of told.chats) {
    chats.set(address, messages);
    // What was there before the page was opened is not news.
    if (isFirst) seen.set(address, arrived(messages));
  }
  isFirst = false;
  if (!current) {
    const [first] = [...chats.keys()].sort((a, b) => newest(b).localeCompare(newest(a)));
    if (first) return choose(first, false);
  }
  if (told.chats.some(({ address }) => address === current)) drawTalk(isFirstOfCurrent);
  drawPeople();
});
changes.addEventListener('error', () => tell(t('cut')));
