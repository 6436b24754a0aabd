// The whole path of a message, on the platform itself with its pretend WhatsApp: a customer consents from her own phone, the owner
// writes to her from the panel, she reads it, asks, is answered, and wants no more; and one that did not arrive is tried again.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { isGood } from './support/axe.mjs';
import { DESKTOP, launch, PATIENCE_MS, person, PHONE } from './support/browser.mjs';
import { path } from './support/claims.mjs';
import { api, makeProgram, newPhone, PASSWORD, startWorld } from './support/world.mjs';

const ROOM = '/panel/mensajes';
/** What of it a campaign's text is filled with. */
const NEWS = 'este jueves, dos cafés por uno';
/** An id of a text as Twilio writes them, of a text that it does not have. */
const NO_SUCH_TEXT = `HX${'0'.repeat(32)}`;
/** How often is asked whether one service has heard what another has done. */
const ASK_EVERY_MS = 100;
let world;

before(async () => {
  world = await startWorld({ providers: 'fake' });
});

after(() => world?.stop());

describe('from a consent to an answer, and to no more', () => {
  test('on a phone', (t) => journey(t, PHONE, 'Café Tostado'));
  test('on a desktop', (t) => journey(t, DESKTOP, 'Panadería Rosales'));
});

async function journey(t, viewport, shop) {
  const browser = await launch();
  t.after(() => browser.close());
  const claim = path(t, () => [browser]);
  const meet = () => person(browser, world.url, { viewport, reducedMotion: 'reduce' });
  const [owner, customer] = await Promise.all([meet(), meet()]);
  const { page } = owner;
  const email = `lucia-${viewport.width}@mensajes.pe`;
  const rosa = { name: 'Rosa Quispe', phone: newPhone() };
  const carmen = { name: 'Carmen Torres', phone: newPhone() };
  /** Her WhatsApp, once it is open. */
  let hers;
  let slug;
  let ask;

  await claim('an owner signs up, and until the operator approves her nothing would leave', async () => {
    await page.goto('/panel/registro');
    await page.getByRole('textbox', { name: 'Nombre de tu negocio' }).fill(shop);
    await page.getByRole('textbox', { name: 'Tu nombre' }).fill('Lucía Paredes');
    await page.getByRole('textbox', { name: 'Correo' }).fill(email);
    await page.getByRole('textbox', { name: 'Contraseña' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Crear mi negocio' }).click();
    await page.getByLabel('Ya los guardé.').check();
    await page.getByRole('button', { name: 'Continuar' }).click();
    await page.getByRole('heading', { name: 'Hoy', level: 1 }).waitFor();
    const { access_token: token } = await api(world.url, 'POST', '/api/v1/auth/login', { body: { email, password: PASSWORD } });
    ask = (method, address, body, operation) => api(world.url, method, address, { token, body, operation });
    ({ slug } = (await ask('GET', '/api/v1/me')).business);
    await makeProgram(world.url, token);
    // Where it is noon: nobody is written to at night.
    await ask('PATCH', '/api/v1/business', { time_zone: noon() });

    await page.goto(`${ROOM}/limites`);
    await page.getByText('pídele que apruebe a tu negocio').waitFor();
    await world.operator('approve', slug, '50', '600');
    await page.reload();
    await page.getByText('Aprobada', { exact: true }).waitFor();
    await page.getByText('S/ 0.00 de S/ 50.00').waitFor();
  });

  await claim('a customer joins, asks for promotions, and confirms them from her own WhatsApp', async () => {
    const { page: join, context } = customer;
    await join.goto(`/unete/${slug}`);
    await join.getByRole('textbox', { name: 'Tu nombre' }).fill(rosa.name);
    await join.getByRole('textbox', { name: 'Celular' }).fill(rosa.phone.replace('+51', ''));
    await join.getByLabel('Tengo 14 años o más.').check();
    await join.getByRole('checkbox', { name: /^Acepto/ }).check();
    await join.getByRole('checkbox', { name: /^Quiero recibir/ }).check();
    await join.getByLabel('Tengo 18 años o más.').check();
    await join.getByRole('button', { name: 'Quiero mi tarjeta' }).click();
    await join.getByRole('heading', { name: 'Falta confirmar tus promociones' }).waitFor();
    rosa.id = (await found(rosa)).id;
    assert.equal((await found(rosa)).marketing, 'pending', 'a box that is ticked proves nothing yet');

    [hers] = await Promise.all([context.waitForEvent('page'), join.getByRole('link', { name: 'Confirma por WhatsApp' }).click()]);
    await hers.getByRole('heading', { name: `El celular de ${spaced(rosa.phone)}` }).waitFor();
    assert.match(await typed().inputValue(), /^Quiero recibir las promociones de .* Mi palabra: \S+$/, 'the message is written for her');
    await hers.getByRole('button', { name: 'Enviar', exact: true }).click();
    await said(/^Listo, confirmaste tu número en .* responde BAJA\.$/);
    assert.equal(await typed().inputValue(), '');
    await isGood(hers);
    await page.goto(`/panel/clientes/${rosa.id}`);
    await page.getByText('Acepta mensajes.').waitFor();
    await until(reach, ({ reachable }) => reachable === 1);
  });

  await claim('the owner sees how many it reaches, what it costs and how it will look, and sends it', async () => {
    await write();
    await choose(/Solo WhatsApp/);
    await page.getByRole('switch', { name: 'Dejar a 1 de cada 10 sin mensaje' }).click();
    await onward();
    await page.getByRole('heading', { name: '¿Cuándo sale?' }).waitFor();
    await onward();
    await page.getByText('Le escribes a 1 cliente. Sale ahora.').waitFor();
    await page.getByText(/^Cuesta S\/\s\d\.\d\d como máximo\.$/).waitFor();
    await page.getByRole('textbox', { name: 'Nombre de la campaña' }).fill('Dos por uno');
    await isGood(page);
    await page.getByRole('button', { name: 'Enviar a 1' }).click();
    await page.getByRole('heading', { name: 'Dos por uno', level: 1 }).waitFor();
  });

  await claim('it lies on her phone, and the panel counts it as read by itself', async () => {
    await said(new RegExp(`^Hola Rosa, .*${NEWS}`));
    await page.getByRole('img', { name: 'Avance: 1 leído' }).waitFor();
    await page.getByText(/^Aún no se sabe\./).waitFor();
    await page.locator('.cost', { hasText: /S\/\s0\.(?!00)/ }).waitFor();
    await isGood(page);
  });

  await claim('what she asks is in the inbox, unread, wherever the owner is', async () => {
    await page.goto('/panel/clientes');
    await page.getByRole('heading', { name: 'Clientes', level: 1 }).waitFor();
    await typed().fill('¿Abren los domingos?');
    await hers.getByRole('button', { name: 'Enviar', exact: true }).click();
    await page.getByRole('link', { name: /^Mensajes\b.*1 mensaje sin leer/ }).first().waitFor();
    await page.goto(`${ROOM}/bandeja`);
    const thread = page.getByRole('link', { name: /^Rosa/ });
    await thread.getByText('¿Abren los domingos?').waitFor();
    await thread.click();
    await page.getByRole('log').getByText('¿Abren los domingos?').waitFor();
    await page.getByText(/^Puedes responder hasta /).waitFor();
  });

  await claim('she is answered within the day, and the panel sees her read it', async () => {
    await page.getByRole('textbox', { name: 'Tu respuesta' }).fill('Sí, de 8 a 1.');
    await page.getByRole('button', { name: 'Enviar' }).click();
    await said(/^Sí, de 8 a 1\.$/);
    await page.getByRole('log').locator('.bubble.out', { hasText: 'Sí, de 8 a 1.' }).getByText('Leído').waitFor();
    await isGood(page);
  });

  await claim('BAJA ends her consent at once, and the panel says so', async () => {
    await hers.getByRole('button', { name: 'BAJA', exact: true }).click();
    await said(/^Listo, no te enviaremos más promociones\./);
    await page.goto(`/panel/clientes/${rosa.id}`);
    await page.getByText('Ya no acepta mensajes.').waitFor();
    await until(reach, ({ excluded }) => excluded.opted_out === 1);
    await page.goto(`${ROOM}/nueva?para=everybody`);
    await page.getByText('Ninguna de ellas puede recibirlo ahora.').waitFor();
    await page.getByText('pidió no recibir más').first().waitFor();
  });

  await claim('what did not arrive says why, and arrives once that is mended and it is tried again', async () => {
    await consents(carmen);
    const { items } = await ask('GET', '/api/v1/templates');
    const { content_sid: text } = items.find(({ name, language }) => name === 'news' && language === 'es');
    await world.operator('template', 'approve', 'news', 'es', NO_SUCH_TEXT);
    await write();
    await choose(/Solo WhatsApp/);
    await page.getByRole('switch', { name: 'Dejar a 1 de cada 10 sin mensaje' }).click();
    await onward();
    await onward();
    await page.getByRole('textbox', { name: 'Nombre de la campaña' }).fill('Otra vez');
    await page.getByRole('button', { name: 'Enviar a 1' }).click();
    await page.getByRole('img', { name: 'Avance: 1 no llegó' }).waitFor();
    const why = page.getByRole('region', { name: 'Por qué no llegaron' });
    await why.getByText('WhatsApp no aceptó el texto.').waitFor();
    await why.getByText('1 se puede intentar de nuevo').waitFor();
    await isGood(page);
    await why.getByRole('link', { name: 'Ir a intentarlo' }).click();
    await page.getByText('WhatsApp no aceptó el texto.').waitFor();
    await isGood(page);

    await world.operator('template', 'approve', 'news', 'es', text);
    await page.getByRole('button', { name: 'Intentar de nuevo: Carmen' }).click();
    await page.getByText('Se intenta de nuevo.').waitFor();
    await page.getByRole('heading', { name: 'No hay nada que intentar de nuevo' }).waitFor();
    await hers.getByRole('button', { name: spaced(carmen.phone).replaceAll('\u00a0', ' ') }).click();
    await said(new RegExp(`^Hola Carmen, .*${NEWS}`));
    await page.goto(ROOM);
    await page.getByRole('link', { name: /^Otra vez/ }).getByRole('img', { name: 'Avance: 1 leído' }).waitFor();
    await isGood(page);
  });

  await claim('an automatic message is written, switched on and off', async () => {
    await page.goto(`${ROOM}/automatizaciones`);
    const welcome = page.getByRole('article', { name: 'Bienvenida' });
    await welcome.getByRole('switch').click();
    const sheet = page.getByRole('dialog', { name: 'Encender: Bienvenida' });
    await sheet.getByText('Hoy no le toca a nadie.').waitFor();
    await choose(/Solo WhatsApp/);
    await isGood(page);
    await sheet.getByRole('button', { name: 'Encender', exact: true }).click();
    await page.getByText('Bienvenida: encendido.').waitFor();
    await page.reload();
    await welcome.getByText('Encendido').waitFor();
    await welcome.getByText('Solo WhatsApp').waitFor();
    await welcome.getByRole('switch').click();
    await page.getByRole('dialog', { name: '¿Apagar «Bienvenida»?' }).getByRole('button', { name: 'Apagar' }).click();
    await page.getByText('Bienvenida: apagado. No sale nada más.').waitFor();
    await isGood(page);
  });

  await claim('a draft that she has thought better of is removed', async () => {
    const { campaign_id } = await ask('POST', '/api/v1/campaigns', { name: 'A medias', audience: { all: [] }, wordings: [{ language: 'es', template: 'news', variables: ['{first_name}', '{business}', NEWS] }], channel_policy: 'whatsapp' }, randomUUID());
    await page.goto(ROOM);
    await page.getByRole('link', { name: /^A medias/ }).click();
    await page.getByRole('button', { name: 'Borrar borrador' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sí, borrar' }).click();
    await page.getByText('Borrador borrado.').waitFor();
    await page.getByRole('link', { name: /^Otra vez/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: /^A medias/ }).count(), 0);
    assert.equal((await ask('GET', `/api/v1/campaigns/${campaign_id}`)).status, 'canceled');
  });

  await claim('one that is scheduled is canceled before it leaves', async () => {
    await consents({ name: 'Julia Rojas', phone: newPhone() });
    await write();
    await onward();
    await choose(/Otro día/);
    await page.locator('input[type=date]').fill(inDays(2));
    await page.locator('input[type=time]').fill('11:00');
    await onward();
    await page.getByRole('textbox', { name: 'Nombre de la campaña' }).fill('Para el jueves');
    await page.getByRole('button', { name: /^Programar/ }).click();
    await page.getByRole('heading', { name: 'Para el jueves', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Cancelar campaña' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sí, cancelar' }).click();
    await page.getByText('Cancelada. No sale nada más.').waitFor();
  });

  await claim('the limits say what was spent, and a budget is lowered', async () => {
    await page.goto(`${ROOM}/limites`);
    await page.getByText(/^S\/\s(?!0\.00)\d\.\d\d de S\/\s50\.00$/).waitFor();
    await page.getByRole('button', { name: 'Cambiar presupuesto' }).click();
    await page.getByRole('textbox', { name: 'Por día' }).fill('20');
    await page.getByRole('button', { name: 'Guardar' }).click();
    await page.getByText(/de S\/\s20\.00$/).waitFor();
    await isGood(page);
  });

  await claim('nobody saw an error, broke the security policy or asked another host', () => {
    assert.deepEqual([...owner.faults, ...customer.faults], []);
  });

  /** The line she types in. */
  function typed() {
    return hers.getByRole('textbox', { name: 'Mensaje' });
  }

  /** Waits until her phone shows a message. */
  function said(text) {
    return hers.locator('#log .bubble:not(.own) > p').getByText(text).last().waitFor();
  }

  function onward() {
    return page.getByRole('button', { name: 'Seguir', exact: true }).click();
  }

  /** By what one sees of a choice: the dot itself is drawn. */
  function choose(name) {
    return page.locator('label', { has: page.getByRole('radio', { name }) }).click();
  }

  /** Up to by what way it goes: news, to everybody. */
  async function write() {
    await page.goto(`${ROOM}/nueva?para=everybody`);
    await page.getByText('Todos tus clientes.').waitFor();
    await page.getByText(/personas? lo recibirá/).waitFor();
    await onward();
    await choose(/^Novedades/);
    await page.getByRole('textbox', { name: 'Novedades' }).first().fill(NEWS);
    await page.getByText(new RegExp(`^Hola Rosa, .*${NEWS}`)).first().waitFor();
    await onward();
    await page.getByRole('heading', { name: '¿Por dónde le llega?' }).waitFor();
  }

  /** Of the shop's customers, the one with this number. */
  async function found({ phone }) {
    const { items } = await ask('GET', `/api/v1/customers?search=${phone.slice(-9)}`);
    assert.equal(items.length, 1);
    return ask('GET', `/api/v1/customers/${items[0].id}`);
  }

  /** Whom of everybody a campaign would reach. The page that writes one asks it once, and what it is told stays. */
  function reach() {
    return ask('POST', '/api/v1/audiences/preview', { audience: { all: [] }, holdout_percent: 0 });
  }

  /** Joins and confirms as Rosa did, without its pages, until every page would say so. */
  async function consents({ name, phone }) {
    const { reachable: others } = await reach();
    const joined = await api(world.url, 'POST', '/api/v1/enrollments', { body: { slug, name, phone, age_ok: true, adult_ok: true, consents: { program: true, marketing: true } } });
    const asked = new URL(joined.whatsapp_url).searchParams;
    await api(world.url, 'POST', '/mensajes/escribir', { body: { number: asked.get('numero'), text: asked.get('texto') } });
    // What she wrote is done after it was taken, and campaigns hear of it later still.
    await until(() => ask('GET', `/api/v1/customers/${joined.customer_id}`), ({ marketing }) => marketing === 'granted');
    await until(reach, ({ reachable }) => reachable === others + 1);
    await page.goto(`/panel/clientes/${joined.customer_id}`);
    await page.getByText('Acepta mensajes.').waitFor();
  }
}

/** Asks until the answer is as it must become; where it does not, fails with the last. */
async function until(question, isSo) {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await question();
    if (isSo(answer)) return;
    assert.ok(performance.now() < end, `it did not become so: ${isSo} of ${JSON.stringify(answer)}`);
    await pause(ASK_EVERY_MS);
  }
}

/** `+51 987 654 321`, as the pretend phones are named. */
const spaced = (phone) => phone.replace(/^\+51(\d{3})(\d{3})(\d{3})$/, '+51\u00a0$1\u00a0$2\u00a0$3');

const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** A zone where it is about noon. The signs of these names are turned round. */
function noon() {
  const ahead = 12 - new Date().getUTCHours();
  return ahead === 0 ? 'Etc/UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
