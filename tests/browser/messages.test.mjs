// The room of messages, in each of its states: a campaign written and sent, paused, gone on with and canceled; a customer answered;
// what did not arrive, tried again; budgets. The platform's answers are given in its stead (support/messages.mjs).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { isGood } from './support/axe.mjs';
import { DESKTOP, launch, person, PHONE } from './support/browser.mjs';
import { ACCOUNT, asleep, AWAKE, campaign, FAILED, MONTH, RUNNING, SCHEDULED, THREADS, withMessages } from './support/messages.mjs';
import { openShop, PASSWORD, startWorld } from './support/world.mjs';

const ROOM = '/panel/mensajes';
/** None takes a tenth of it; one that hangs must not hold the others up. */
const LIMIT = { timeout: 180_000 };
let world;
let shop;
let browser;

before(async () => {
  world = await startWorld();
  shop = await openShop(world);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

/** An owner who is signed in and stands at `address`. */
async function owner(t, address, { answers, ...options } = {}) {
  const visitor = await person(browser, world.url, { reducedMotion: 'reduce', ...options });
  t.after(() => visitor.context.close());
  const { page } = visitor;
  const state = await withMessages(page, answers);
  await page.goto('/panel');
  await page.getByRole('textbox', { name: 'Correo' }).fill(shop.email);
  await page.getByRole('textbox', { name: 'Contraseña' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByRole('heading', { name: 'Hoy', level: 1 }).waitFor();
  await page.goto(address);
  return { ...visitor, state };
}

const posted = ({ asked }, path) => asked.filter((one) => one.method === 'POST' && one.path.endsWith(path));
const onward = (page) => page.getByRole('button', { name: 'Seguir', exact: true }).click();
const saysStep = (page, title) => page.getByRole('heading', { name: title, level: 2 }).waitFor();

for (const [device, viewport] of [['a phone', PHONE], ['a desktop', DESKTOP]]) {
  test(`a campaign is written step by step and sent, on ${device}`, LIMIT, async (t) => {
    const { page, state, faults } = await owner(t, ROOM, { viewport });
    await page.getByRole('heading', { name: 'Todavía no le escribes a nadie' }).waitFor();
    await isGood(page);
    await page.getByRole('link', { name: 'Escribir la primera' }).click();

    await saysStep(page, '¿A quiénes les escribes?');
    await page.getByRole('button', { name: 'Les falta un sello' }).click();
    await page.getByText('Clientes que están a 1 sello de llenar su tarjeta.').waitFor();
    await page.getByRole('button', { name: 'Agregar condición' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Hace cuánto no vienen' }).click();
    await page.getByRole('textbox', { name: 'Al menos, días' }).fill('20');
    await page.getByText('Clientes que están a 1 sello de llenar su tarjeta y no vienen hace 20 días o más.').waitFor();
    await page.getByText('personas lo recibirán').waitFor();
    await page.getByText('55').first().waitFor();
    await isGood(page);
    await onward(page);

    await saysStep(page, '¿Qué dice?');
    await onward(page);
    await page.getByText('Elige un texto.').waitFor();
    await page.getByRole('radio', { name: /Novedades/ }).check({ force: true });
    await page.getByRole('textbox', { name: 'Novedades' }).first().fill('este jueves, dos cafés por uno');
    await page.getByText(/Hola Rosa, novedades de .*: este jueves, dos cafés por uno\./).first().waitFor();
    await isGood(page);
    await onward(page);

    await saysStep(page, '¿Por dónde le llega?');
    await page.getByRole('radio', { name: /Solo WhatsApp/ }).check({ force: true });
    await page.getByRole('switch', { name: 'Dejar a 1 de cada 10 sin mensaje' }).click();
    await isGood(page);
    await onward(page);

    await saysStep(page, '¿Cuándo sale?');
    await isGood(page);
    await onward(page);

    await saysStep(page, 'Revisa y envía');
    await page.getByText(/^Le escribes a 120 clientes que están a 1 sello .* Sale ahora\.$/).waitFor();
    await page.getByText('Cuesta S/ 31.20 como máximo.').waitFor();
    await page.getByRole('textbox', { name: 'Nombre de la campaña' }).fill('Un empujón');
    await isGood(page);
    await page.getByRole('button', { name: 'Enviar a 120' }).click();
    await page.getByRole('heading', { name: 'Un empujón', level: 1 }).waitFor();

    const [created] = posted(state, 'campaigns');
    assert.ok(created.key, 'it is made under a key of its own');
    assert.deepEqual(created.body.audience, { all: [{ stamps_left: { min: 1, max: 1 } }, { days_since_visit: { min: 20 } }] });
    assert.deepEqual(created.body.wordings, [{ language: 'es', template: 'news', variables: ['{first_name}', '{business}', 'este jueves, dos cafés por uno'] }]);
    assert.deepEqual([created.body.channel_policy, created.body.holdout_percent, created.body.scheduled_at], ['whatsapp', 0, null]);
    assert.equal(posted(state, 'launch').length, 1);
    assert.deepEqual(faults, []);
  });
}

test('a draft outlives a reload, and a time that has passed is refused', LIMIT, async (t) => {
  const { page } = await owner(t, `${ROOM}/nueva?para=away`);
  await saysStep(page, '¿A quiénes les escribes?');
  await page.getByRole('button', { name: 'En riesgo' }).click();
  await page.goto(`${ROOM}/nueva?paso=cuando`);
  await page.getByRole('radio', { name: /Otro día/ }).check({ force: true });
  await page.locator('input[type=date]').fill('2020-01-01');
  await page.getByText('Esa hora ya pasó.').waitFor();
  await page.reload();
  await page.getByText('Esa hora ya pasó.').waitFor();
  await page.goto(`${ROOM}/nueva`);
  await page.getByText('Clientes que están en riesgo de no volver.').waitFor();
  await page.goto(ROOM);
  await page.getByRole('link', { name: 'Seguir con tu borrador' }).waitFor();
});

test('what the server refuses is said beside its field, and sending again makes no second campaign', LIMIT, async (t) => {
  let isRefused = true;
  const refuse = (method, path) => (path.endsWith('/launch') && isRefused ? { status: 422, field: 'wordings[0].variables[2]', detail: 'WhatsApp no acepta esas palabras.' } : undefined);
  const { page, state } = await owner(t, `${ROOM}/nueva?paso=mensaje`, { answers: { refuse } });
  await page.getByRole('radio', { name: /Novedades/ }).check({ force: true });
  await page.getByRole('textbox', { name: 'Novedades' }).first().fill('algo');
  await page.goto(`${ROOM}/nueva?paso=revisar`);
  await page.getByRole('textbox', { name: 'Nombre de la campaña' }).fill('Otra');
  await page.getByRole('button', { name: 'Enviar a 120' }).click();
  await page.getByText('WhatsApp no acepta esas palabras.').waitFor();
  await saysStep(page, '¿Qué dice?');
  await page.getByRole('textbox', { name: 'Novedades' }).first().fill('algo mejor');
  isRefused = false;
  await page.goto(`${ROOM}/nueva?paso=revisar`);
  await page.getByRole('button', { name: 'Enviar a 120' }).click();
  await page.getByRole('heading', { name: 'Otra', level: 1 }).waitFor();
  assert.equal(posted(state, 'campaigns').length, 1);
});

test('a running campaign is paused, gone on with and canceled, and each says what it does', LIMIT, async (t) => {
  const { page, faults } = await owner(t, ROOM, { answers: { campaigns: [RUNNING()] } });
  await page.getByRole('link', { name: /Vuelve por tu café/ }).click();
  await page.getByText('Aún no se sabe.').waitFor();
  await isGood(page);
  assert.equal(await page.getByRole('link', { name: 'Cambiar' }).count(), 0, 'it cannot be edited while it runs');
  await page.getByRole('button', { name: 'Pausar' }).click();
  const asking = page.getByRole('dialog');
  await asking.getByText('no sale ningún mensaje más').waitFor();
  await asking.getByRole('button', { name: 'Pausar' }).click();
  await page.getByText('En pausa. No sale nada más').waitFor();
  await page.getByText('40 mensajes esperan, ya escritos.').waitFor();
  await isGood(page);
  await page.getByRole('link', { name: 'Cambiar el nombre' }).click();
  await page.getByText('Sus mensajes ya están escritos').waitFor();
  assert.equal(await page.getByRole('textbox').count(), 1, 'of what is written only the name can be another');
  await isGood(page);
  await page.getByRole('textbox', { name: 'Nombre de la campaña' }).fill('Por tu café');
  await page.getByRole('button', { name: 'Guardar cambios' }).click();
  await page.getByRole('heading', { name: 'Por tu café', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Reanudar' }).click();
  await page.getByText('Sigue enviando.').waitFor();
  await page.getByRole('button', { name: 'Cancelar campaña' }).click();
  await asking.getByText('No se puede deshacer.').waitFor();
  await asking.getByRole('button', { name: 'Sí, cancelar' }).click();
  await page.getByText('Cancelada. No sale nada más.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Pausar' }).count(), 0);
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1', undefined);
  assert.deepEqual(faults, []);
});

test('what a month of messages did is drawn, day by day, and read out', LIMIT, async (t) => {
  const { page, faults } = await owner(t, ROOM, { answers: { campaigns: [RUNNING()], month: MONTH() } });
  await page.getByRole('img', { name: 'En los últimos 30 días: 261 leídos, 148 entregados, 11 enviados, 8 no llegaron' }).waitFor();
  await page.getByText('Llegó el 97% de lo que salió.').waitFor();
  await page.getByText('4 personas pidieron no recibir más mensajes.').waitFor();
  await page.getByRole('button', { name: 'Ver día por día' }).click();
  await page.getByText('Escribiste 2 días; están sombreados.').waitFor();
  await isGood(page);
  const drawn = page.getByRole('slider', { name: 'Mensajes y visitas por día' });
  // A mouse that rests on the drawing reads it too.
  await page.mouse.move(0, 0);
  await drawn.focus();
  for (let back = 0; back < 10; back++) await drawn.press('ArrowLeft');
  await page.getByText(/: salieron 240, llegaron 233, se leyeron 150\. Vinieron \d+\. 2 pidieron no más\.$/).waitFor();
  await page.getByRole('button', { name: 'Ver como tabla' }).click();
  await page.getByRole('columnheader', { name: 'Pidieron no más' }).waitFor();
  await isGood(page);
  assert.deepEqual(faults, []);
});

test('why messages did not arrive is told on the campaign, with the way to those that can be tried again', LIMIT, async (t) => {
  const { page, faults } = await owner(t, `${ROOM}/${RUNNING().campaign_id}`, { answers: { campaigns: [RUNNING()] } });
  const why = page.getByRole('region', { name: 'Por qué no llegaron' });
  const said = why.getByRole('listitem');
  await said.first().waitFor();
  assert.deepEqual(await said.allInnerTexts().then((all) => all.map((text) => text.split('\n').filter(Boolean))), [
    ['Ese número no tiene WhatsApp, o ya no existe.', '3'],
    ['WhatsApp no respondía.', '1'],
    ['Bloqueó tu número.', '1'],
  ]);
  await why.getByText('1 se puede intentar de nuevo').waitFor();
  await isGood(page);
  await why.getByRole('link', { name: 'Ir a intentarlo' }).click();
  await page.getByRole('heading', { name: 'No hay nada que intentar de nuevo' }).waitFor();
  assert.equal(await page.getByText('Todo llegó').count(), 0, 'that nothing waits does not mean that everything arrived');
  await isGood(page);
  assert.deepEqual(faults, []);
});

test('a campaign to wallets alone says who has none', LIMIT, async (t) => {
  const { page } = await owner(t, `${ROOM}/nueva?para=everybody`, { viewport: DESKTOP });
  await page.getByText('personas lo recibirán').waitFor();
  await page.goto(`${ROOM}/nueva?paso=por-donde`);
  await page.getByRole('radio', { name: /Solo billetera/ }).check({ force: true });
  const bar = page.getByRole('img', { name: /^A quiénes llega: .*93 no tienen la tarjeta en su billetera ni avisos/ });
  await bar.waitFor();
  const parts = (await bar.getAttribute('aria-label')).match(/\d+/g).map(Number);
  assert.equal(parts.reduce((sum, n) => sum + n, 0), 200, 'the parts are the audience');
});

test('a budget of a day that is not enough is told in numbers before it is sent', LIMIT, async (t) => {
  const { page, state } = await owner(t, `${ROOM}/nueva?paso=mensaje`, { answers: { account: { ...AWAKE, daily_budget_cents: 260, daily_spent_cents: 0 } } });
  await page.getByRole('radio', { name: /Te extrañamos/ }).check({ force: true });
  await page.goto(`${ROOM}/nueva?paso=por-donde`);
  await page.getByRole('radio', { name: /Solo WhatsApp/ }).check({ force: true });
  await page.goto(`${ROOM}/nueva?paso=revisar`);
  // In the first minute of a day the last of them has no hour left.
  await page.getByText(/^Tu presupuesto de S\/\s2\.60 al día alcanza para unas (36|27) de 120 personas en 3 días,/).waitFor();
  await isGood(page);
  state.account = { ...AWAKE, daily_budget_cents: 10_000, monthly_budget_cents: 520, monthly_spent_cents: 260 };
  await page.reload();
  // Of 5.20 the month keeps 0.26 for answers and notices.
  await page.getByText(/^Lo que este mes te queda de presupuesto para esto \(S\/\s2\.34\) alcanza para unas \d+ de 120 personas;/).waitFor();
  state.account = { ...AWAKE, daily_budget_cents: 20, daily_spent_cents: 0 };
  await page.reload();
  await page.getByText(/^Tu presupuesto de S\/\s0\.20 al día no alcanza para ningún mensaje:/).waitFor();
  assert.equal(await page.getByText(/alcanza para unas 0/).count(), 0);
  await isGood(page);
});

test('at night nothing is said to leave now, and what waits for its first message begins in the morning', LIMIT, async (t) => {
  const waiting = campaign(3, { name: 'De noche', channel_policy: 'wallet', status: 'running', held_by: 'quiet_hours', launched_at: new Date().toISOString() });
  const { page } = await owner(t, `${ROOM}/nueva?paso=revisar`, { answers: { account: asleep(), campaigns: [waiting] } });
  await page.getByText(/^Le escribes a 120 clientes\. Empieza a salir a las /).waitFor();
  await page.goto(`${ROOM}/${waiting.campaign_id}`);
  await page.getByText('Empieza sola a las 9:00').waitFor();
  await isGood(page);
});

test('one that was to leave later leaves now, and its button says so', LIMIT, async (t) => {
  const { page, state, faults } = await owner(t, `${ROOM}/${SCHEDULED().campaign_id}/cambiar?paso=cuando`, { answers: { campaigns: [SCHEDULED()] } });
  await saysStep(page, '¿Cuándo sale?');
  await page.goto(`${ROOM}/${SCHEDULED().campaign_id}/cambiar?paso=revisar`);
  await page.getByRole('button', { name: 'Guardar cambios' }).waitFor();
  await page.goto(`${ROOM}/${SCHEDULED().campaign_id}/cambiar?paso=cuando`);
  await page.getByRole('radio', { name: /^Ahora/ }).check({ force: true });
  await onward(page);
  await page.getByText(/Sale ahora\.$/).waitFor();
  await isGood(page);
  await page.getByRole('button', { name: 'Enviar a 120' }).click();
  await page.getByText('En camino.').waitFor();
  assert.equal(posted(state, 'launch').length, 1);
  assert.equal(state.campaigns[0].status, 'running');
  assert.deepEqual(faults, []);
});

test('a draft is removed, and what never began is not among the campaigns', LIMIT, async (t) => {
  const drafts = [campaign(4, { name: 'A medias' }), campaign(5, { name: 'Nunca salió', status: 'canceled', ended_at: new Date().toISOString() })];
  const { page, state, faults } = await owner(t, ROOM, { answers: { campaigns: [RUNNING(), ...drafts] } });
  await page.getByRole('link', { name: /A medias/ }).waitFor();
  assert.equal(await page.getByRole('link', { name: /Nunca salió/ }).count(), 0);
  await page.getByRole('link', { name: /A medias/ }).click();
  await page.getByRole('button', { name: 'Borrar borrador' }).click();
  await page.getByRole('dialog').getByText('Nadie ha recibido nada de él.').waitFor();
  await isGood(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Sí, borrar' }).click();
  await page.getByText('Borrador borrado.').waitFor();
  await page.getByRole('link', { name: /Vuelve por tu café/ }).waitFor();
  assert.equal(await page.getByRole('link', { name: /A medias/ }).count(), 0);
  assert.equal(posted(state, '/cancel').length, 1);
  assert.deepEqual(faults, []);
});

test('an automatic message is switched on once it is told to whom it goes, and off', LIMIT, async (t) => {
  const { page, state, faults } = await owner(t, `${ROOM}/automatizaciones`);
  const welcome = page.getByRole('article', { name: 'Bienvenida' });
  await welcome.getByRole('switch').click();
  const sheet = page.getByRole('dialog', { name: 'Encender: Bienvenida' });
  await sheet.getByText('de 14 a quienes les toca').waitFor();
  await sheet.getByRole('img', { name: 'A quiénes llega hoy: 9 lo recibirán, 3 no dieron permiso para novedades, 1 queda sin mensaje, para comparar, 1 pidió no recibir más' }).waitFor();
  await sheet.getByText(/^Hoy cuesta S\/\s2\.34 como máximo\.$/).waitFor();
  await sheet.getByText('Precios del 1 de octubre').waitFor();
  await isGood(page);
  assert.equal(posted(state, '/launch').length, 0, 'nothing leaves by looking');
  await sheet.getByRole('button', { name: 'Agregar uno' }).click();
  await sheet.getByRole('switch', { name: 'Dejar a 1 de cada 10 sin mensaje' }).click();
  await sheet.getByRole('button', { name: 'Encender y escribir a 9' }).click();
  await page.getByText('Bienvenida: encendido.').waitFor();
  const asked = state.asked.filter(({ path }) => path === 'audiences/preview').map(({ body }) => body);
  assert.ok(asked.length > 0 && asked.every(({ trigger }) => trigger === 'welcome'), 'counted is whose turn it is');
  const changed = state.asked.find(({ method }) => method === 'PATCH');
  assert.deepEqual(changed.body, { channel_policy: 'wallet_first', wallet_days: 4, holdout_percent: 0 });
  await isGood(page);

  await welcome.getByRole('switch').click();
  const asking = page.getByRole('dialog', { name: '¿Apagar «Bienvenida»?' });
  await asking.getByText('Lo que todavía no ha salido ya no sale.').waitFor();
  await isGood(page);
  await asking.getByRole('button', { name: 'No, dejarlo' }).click();
  assert.equal(posted(state, '/pause').length, 0);
  await welcome.getByRole('switch').click();
  await asking.getByRole('button', { name: 'Apagar' }).click();
  await page.getByText('Bienvenida: apagado.').waitFor();
  assert.deepEqual([posted(state, '/launch').length, posted(state, '/pause').length], [1, 1]);
  assert.deepEqual(faults, []);
  await welcome.getByRole('button', { name: /Cambiar lo que dice/ }).click();
  await page.getByRole('dialog').waitFor();
  await isGood(page);
});

test('whoever switches one on or off where it is shown stays at its button', LIMIT, async (t) => {
  const { page, state, faults } = await owner(t, `${ROOM}/automatizaciones`);
  const { campaign_id } = Object.assign(state.automations[4], { status: 'running', launched_at: new Date().toISOString() });
  await page.goto(`${ROOM}/${campaign_id}`);
  const focused = (name) => page.waitForFunction((words) => document.activeElement?.tagName === 'BUTTON' && document.activeElement.textContent.trim() === words, name);
  await page.getByRole('button', { name: 'Apagar', exact: true }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Apagar', exact: true }).press('Enter');
  await page.getByText('Bienvenida: apagado.').waitFor();
  await focused('Encender');
  await isGood(page);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: /^Encender y escribir/ }).press('Enter');
  await page.getByText('Bienvenida: encendido.').waitFor();
  await focused('Apagar');
  assert.deepEqual(faults, []);
});

test('a customer is answered while WhatsApp allows it, once, though the first try is cut', LIMIT, async (t) => {
  let cuts = 1;
  const refuse = (method, path) => (method === 'POST' && path.startsWith('inbox/') && cuts-- > 0 ? 'cut' : undefined);
  const { page, state } = await owner(t, `${ROOM}/bandeja`, { answers: { threads: THREADS(), refuse } });
  await page.getByRole('link', { name: /2 mensajes sin leer/ }).first().waitFor();
  await isGood(page);
  await page.getByRole('link', { name: /^Rosa/ }).click();
  await page.getByText('¿Abren los domingos?').first().waitFor();
  await page.getByText(/Puedes responder hasta las .*: quedan \d+ minutos/).waitFor();
  await isGood(page);
  await page.getByRole('button', { name: 'Enviar' }).click();
  await page.getByText('Escribe tu respuesta.').waitFor();
  await page.getByRole('textbox', { name: 'Tu respuesta' }).fill('Sí, de 8 a 1.');
  await page.getByRole('button', { name: 'Enviar' }).click();
  await page.getByRole('log').getByText('Sí, de 8 a 1.').waitFor();
  const tries = state.asked.filter(({ method, path }) => method === 'POST' && path.startsWith('inbox/'));
  assert.equal(tries.length, 2);
  assert.equal(new Set(tries.map(({ key }) => key)).size, 1, 'both under one key');
  await page.goto(`${ROOM}/bandeja`);
  await page.getByRole('link', { name: /^Número que termina en 877/ }).click();
  await page.getByText('Pasaron 24 horas').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Tu respuesta' }).count(), 0);
});

test('what did not arrive says why, and is tried again where that makes sense', LIMIT, async (t) => {
  const { page, state } = await owner(t, `${ROOM}/no-llegaron`, { answers: { failed: FAILED() } });
  await page.getByText('WhatsApp no respondía.').waitFor();
  await isGood(page);
  assert.equal(await page.getByRole('button', { name: 'Intentar de nuevo: Carmen' }).count(), 0);
  await page.getByRole('button', { name: 'Intentar de nuevo: Rosa' }).click();
  await page.getByText('WhatsApp no respondía.').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Intentar todos' }).click();
  await page.getByText('Se intenta de nuevo con 1.').waitFor();
  assert.deepEqual(posted(state, 'deliveries/retry').map(({ body }) => body), [{ kind: 'message' }]);
  await page.getByText('Bloqueó tu número.').waitFor();
});

test('budgets are changed within what the operator allowed', LIMIT, async (t) => {
  const { page, state } = await owner(t, `${ROOM}/limites`);
  await page.getByRole('heading', { name: 'Presupuesto' }).waitFor();
  await isGood(page);
  await page.getByRole('button', { name: 'Cambiar presupuesto' }).click();
  await page.getByRole('textbox', { name: 'Por día' }).fill('500');
  await page.getByRole('button', { name: 'Guardar' }).click();
  await page.getByText('Lo máximo es S/ 100.00.').waitFor();
  await page.getByRole('textbox', { name: 'Por día' }).fill('60,50');
  await isGood(page);
  await page.getByRole('button', { name: 'Guardar' }).click();
  await page.getByText('S/ 14.30 de S/ 60.50').waitFor();
  assert.equal(state.account.daily_budget_cents, 6_050);
});

test('an account that waits for the operator, and one that is stopped, say what to do', LIMIT, async (t) => {
  const { page, state } = await owner(t, `${ROOM}/limites`, { answers: { account: { ...ACCOUNT, status: 'waiting', held_by: 'not_approved' } } });
  await page.getByText('pídele que apruebe a tu negocio').waitFor();
  await isGood(page);
  state.account = { ...ACCOUNT, held_by: 'quality', circuit: 'open', quality: { ...ACCOUNT.quality, opt_out_rate: 0.031, state: 'stopped', reason: 'opt_outs' } };
  await page.reload();
  await page.getByText('La publicidad está detenida').waitFor();
  await isGood(page);
});

test('the room is in English for an owner who reads English', LIMIT, async (t) => {
  const visitor = await person(browser, world.url, { locale: 'en-GB' });
  t.after(() => visitor.context.close());
  const { page } = visitor;
  await withMessages(page, { campaigns: [RUNNING()], threads: THREADS(), failed: FAILED() });
  await page.goto('/panel');
  await page.getByRole('textbox', { name: 'E-mail' }).fill(shop.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  for (const [address, title] of [['', 'Campaigns'], ['/automatizaciones', 'Automatic'], ['/bandeja', 'Inbox'], ['/no-llegaron', 'Not delivered'], ['/limites', 'Quality and limits'], ['/nueva', 'New campaign']]) {
    await page.goto(ROOM + address);
    await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  }
  assert.deepEqual(visitor.faults, []);
});
