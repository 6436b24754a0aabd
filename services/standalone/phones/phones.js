// The demonstration's two phones, drawn as they are told. Nothing here decides anything: what stands on a pass, and what the lock
// screen said, comes whole with every message.

const TEXTS = {
  title: ['Dos celulares de mentira', 'Two pretend phones'],
  demonstration: ['Demostración', 'Demonstration'],
  about: [
    'Son de la misma clienta: un iPhone y un Android dibujados, con su tarjeta en la billetera. Pon un sello en la caja y míralos cambiar.',
    'They belong to one customer: a drawn iPhone and a drawn Android, with her card in their wallets. Give a stamp at the till and watch them change.',
  ],
  till: ['Abrir la caja', 'Open the till'],
  panel: ['Abrir el panel', 'Open the panel'],
  pretend: ['de mentira', 'a pretend one'],
  notices: ['Avisos', 'Notices'],
  noNotices: ['Cuando algo cambie, el aviso queda aquí.', 'When something changes, the notice stays here.'],
  back: ['Reverso de la tarjeta', 'Back of the card'],
  more: ['Más de la tarjeta', 'More of the card'],
  foot: [
    'Nada de esto sale a Apple ni a Google: aquí mismo responden servidores que hacen de ellos. Ni los dibujos ni los nombres son suyos; un celular de verdad la muestra a su manera.',
    'Nothing of this goes to Apple or Google: servers of our own stand in for them. The drawings are not theirs; a real phone shows the card in its own way.',
  ],
  close: ['Cerrar', 'Close'],
  now: ['ahora', 'now'],
  empty: ['Aquí va a estar la tarjeta', 'The card will be here'],
  emptyText: ['El celular la está pidiendo.', 'The phone is asking for it.'],
  waiting: ['Esperando a los celulares.', 'Waiting for the phones.'],
  cut: ['Se cortó la conexión con los celulares. Vuelve sola.', 'The connection to the phones was cut. It comes back by itself.'],
  enlarge: ['Agrandar el código', 'Enlarge the code'],
  code: ['El código de la tarjeta, en el {phone}', 'The code of the card, on the {phone}'],
  codeGone: ['Sin código', 'No code'],
  rotates: ['Cambia cada 30 segundos', 'Changes every 30 seconds'],
  voided: ['Ya no vale', 'No longer valid'],
  trouble: ['El celular se queja: {text}', 'The phone complains: {text}'],
};

const english = navigator.language.toLowerCase().startsWith('en');
const tag = english ? 'en' : 'es-PE';
const t = (key, values = {}) => TEXTS[key][english ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** So many notices stay in sight. */
const KEPT_NOTICES = 4;
/** How long the newest hangs over the card. */
const BANNER_MS = 7_000;

const clock = (at) => at.toLocaleTimeString(tag, { hour: 'numeric', minute: '2-digit' });

/** An element with its class, its children, and what is set on it. */
function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

function picture(src, className) {
  const img = make('img', className);
  img.alt = '';
  if (src) img.src = src;
  return img;
}

/** A picture of this server, by whatever name it was reached. */
function local(address) {
  if (!address || address.startsWith('data:')) return address;
  const { pathname, search } = new URL(address, location.href);
  return pathname + search;
}

/** Black or white, whichever can be read on a ground of `#rrggbb`. */
function wordsOn(ground) {
  const [r, g, b] = /^#(..)(..)(..)$/.exec(ground ?? '#ffffff')?.slice(1).map((hex) => Number.parseInt(hex, 16) / 255) ?? [1, 1, 1];
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) > 0.18 ? '#1d1813' : '#ffffff';
}

const field = ({ label, value }) => make('p', 'field', make('small', '', label), make('span', '', value));
const fields = (list, className) => (list?.length ? make('div', className, ...list.map(field)) : undefined);

/** The front of an Apple pass, in either style. */
function applePass(pass, code) {
  const isPoster = pass.style === 'posterGeneric';
  const front = make('article', `pass apple ${isPoster ? 'poster' : 'store'}`);
  front.style.setProperty('--ground', pass.background ?? '#ffffff');
  front.style.setProperty('--words', pass.foreground ?? '#000000');
  front.style.setProperty('--labels', pass.label_colour ?? pass.foreground ?? '#000000');
  const name = pass.logo_text ?? pass.organization;
  const head = make('div', 'head', pass.logo ? picture(pass.logo, 'logo') : undefined, make('strong', '', name), fields(pass.header, 'corner'));
  if (isPoster) {
    if (pass.artwork) front.append(picture(pass.artwork, 'artwork'));
    front.append(head, fields(pass.primary, 'primary') ?? '', make('div', 'spring'), fields(pass.footer, 'rest') ?? '', code);
  } else {
    const strip = make('div', 'strip', pass.strip ? picture(pass.strip) : undefined, fields(pass.primary, 'primary'));
    front.append(head, strip, fields([...(pass.secondary ?? []), ...(pass.auxiliary ?? [])], 'rest') ?? '', make('div', 'spring'), code);
  }
  if (pass.barcode?.alt_text) front.append(make('p', 'alt', pass.barcode.alt_text));
  if (pass.voided) front.append(make('p', 'void', t('voided')));
  return front;
}

/** The front of a Google pass. */
function googlePass(pass, code) {
  const front = make('article', 'pass google');
  front.style.setProperty('--ground', pass.background ?? '#ffffff');
  front.style.setProperty('--words', wordsOn(pass.background));
  front.style.setProperty('--labels', wordsOn(pass.background));
  const logo = pass.logo ? picture(local(pass.logo)) : pass.issuer.charAt(0);
  const points = [{ label: pass.balance_label, value: pass.balance }];
  const [first] = pass.texts ?? [];
  if (first) points.push({ label: first.header, value: first.body });
  front.append(
    make('div', 'head', make('span', 'round', logo), make('span', '', pass.issuer)),
    make('h3', '', pass.program),
    fields(points, 'rest'),
    make('div', 'spring'),
    code,
    pass.barcode_text ? make('p', 'alt', pass.barcode_text) : '',
    pass.rotates ? make('p', 'alt', t('rotates')) : '',
  );
  if (pass.hero_image) front.append(make('div', 'strip hero', picture(local(pass.hero_image))));
  if (pass.state !== 'ACTIVE') front.append(make('p', 'void', t('voided')));
  return front;
}

/** What is behind the front: pairs of a name and what it says. */
const BACK = {
  iphone: (pass) => (pass.back ?? []).map(({ label, value }) => [label, value]),
  android: (pass) => [...(pass.texts ?? []).slice(1), ...(pass.messages ?? [])].map(({ header, body }) => [header, body]),
};
const DRAW = { iphone: applePass, android: googlePass };
const ICON = { iphone: (pass) => pass.icon, android: (pass) => local(pass.logo) };
const OWNER = { iphone: (pass) => pass.organization, android: (pass) => pass.issuer };

const large = document.querySelector('dialog');

/** One phone on the page. */
class Phone {
  #id;
  #root;
  #name;
  #drawn = '';
  #codeAddress = '';
  #code;
  /** How many notices of each pass were told before. */
  #told = new Map();
  #timer;

  constructor(id) {
    this.#id = id;
    this.#root = document.getElementById(id);
    this.#name = this.#root.querySelector('h2 span').textContent;
    this.#code = make('button', 'code', picture('', ''));
    this.#code.type = 'button';
    this.#code.setAttribute('aria-label', `${t('code', { phone: this.#name })}. ${t('enlarge')}`);
    this.#code.addEventListener('click', () => this.#enlarge());
    this.#empty();
  }

  show({ passes = [], troubles = [] }, code) {
    this.#draw(passes[0]);
    this.#showCode(code);
    this.#hear(passes);
    const list = this.#root.querySelector('.troubles');
    list.hidden = troubles.length === 0;
    list.replaceChildren(...troubles.slice(-2).map((text) => make('li', '', t('trouble', { text: typeof text === 'string' ? text : JSON.stringify(text) }))));
  }

  #draw(pass) {
    // Most messages bring a new code and nothing else.
    const told = JSON.stringify(pass ?? null);
    if (told === this.#drawn) return;
    this.#drawn = told;
    if (!pass) return this.#empty();
    this.#root.querySelector('.wallet').replaceChildren(DRAW[this.#id](pass, this.#code));
    const back = BACK[this.#id](pass).filter(([, text]) => text);
    const details = this.#root.querySelector('details');
    details.hidden = back.length === 0;
    details.querySelector('dl').replaceChildren(...back.flatMap(([name, text]) => [make('dt', '', name), make('dd', '', text)]));
  }

  #empty() {
    this.#root.querySelector('.wallet').replaceChildren(make('div', 'nothing', make('strong', '', t('empty')), make('p', '', t('emptyText'))));
    this.#root.querySelector('details').hidden = true;
  }

  #showCode(svg) {
    this.#codeAddress = svg ? `data:image/svg+xml,${encodeURIComponent(svg)}` : '';
    this.#code.hidden = !svg;
    for (const img of [this.#code.firstChild, ...(large.dataset.phone === this.#id ? [large.querySelector('img')] : [])]) {
      if (img.getAttribute('src') !== this.#codeAddress) img.src = this.#codeAddress;
    }
  }

  #enlarge() {
    large.dataset.phone = this.#id;
    large.querySelector('p').textContent = t('code', { phone: this.#name });
    large.querySelector('img').src = this.#codeAddress;
    large.showModal();
  }

  /** What the lock screen said since the last message. */
  #hear(passes) {
    for (const pass of passes) {
      const key = pass.serial ?? pass.object_id;
      const notices = pass.notices ?? [];
      const before = this.#told.get(key);
      this.#told.set(key, notices.length);
      const isFirst = before === undefined;
      // A phone that began anew begins its list anew.
      const fresh = notices.slice(isFirst || before > notices.length ? 0 : before);
      for (const text of isFirst ? fresh.slice(-KEPT_NOTICES) : fresh) this.#keep(text, isFirst ? undefined : new Date());
      const newest = fresh.at(-1);
      if (isFirst || newest === undefined) continue;
      this.#hang(pass, newest);
      say(`${this.#name}: ${newest}`);
      this.#stamp();
    }
  }

  #keep(text, at) {
    const list = this.#root.querySelector('.notices');
    list.prepend(make('li', at ? 'fresh' : '', make('span', '', text), at ? make('time', '', clock(at)) : ''));
    while (list.childElementCount > KEPT_NOTICES) list.lastChild.remove();
    this.#root.querySelector('.none').hidden = true;
  }

  /** The newest, over the card, for a while. */
  #hang(pass, text) {
    const banner = this.#root.querySelector('.banner');
    const icon = ICON[this.#id](pass);
    banner.replaceChildren(icon ? picture(icon) : '', make('p', '', make('strong', '', OWNER[this.#id](pass)), make('span', '', text)), make('small', '', t('now')));
    banner.hidden = false;
    // Begins the slide again where one still hangs.
    banner.classList.remove('in');
    void banner.offsetWidth;
    banner.classList.add('in');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (banner.hidden = true), BANNER_MS);
  }

  /** The stamp comes down. */
  #stamp() {
    const strip = this.#root.querySelector('.strip, .artwork');
    strip?.classList.remove('pressed');
    void strip?.offsetWidth;
    strip?.classList.add('pressed');
  }
}

const said = document.getElementById('said');
function say(text) {
  const line = make('p', '', text);
  said.append(line);
  // Both phones speak at once; what was read is cleared away.
  setTimeout(() => line.remove(), 5_000);
}

const status = document.getElementById('status');
function tell(text) {
  status.hidden = !text;
  status.textContent = text ?? '';
}

function tick() {
  for (const time of document.querySelectorAll('.bar time')) time.textContent = clock(new Date()).replace(/\s.*/, '');
}

document.documentElement.lang = tag;
document.title = `${t('title')} · Sello`;
for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
large.addEventListener('click', ({ target }) => target === large && large.close());
large.addEventListener('close', () => delete large.dataset.phone);
tick();
setInterval(tick, 5_000);

const phones = { iphone: new Phone('iphone'), android: new Phone('android') };
tell(t('waiting'));

const changes = new EventSource('/telefonos/cambios');
changes.addEventListener('message', ({ data }) => {
  const told = JSON.parse(data);
  // Before the phones have begun there is nothing to tell.
  if (!told) return;
  tell();
  for (const [id, phone] of Object.entries(phones)) phone.show(told[id] ?? {}, told.codes?.[id]);
});
changes.addEventListener('error', () => tell(t('cut')));
