// The whole path, through the pages only: a shop is made, a customer joins, her card is stamped and full, her reward is
// handed over. On a phone, and on a desktop.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { DESKTOP, launch, person, PHONE } from './support/browser.mjs';
import { cameraBrings, FILM, showToCamera } from './support/camera.mjs';
import { path } from './support/claims.mjs';
import { qrTexts } from './support/qr-read.mjs';
import { api, PASSWORD, STAMPER, startWorld } from './support/world.mjs';

/** Which card, which second, which one-time code. */
const ROTATING = /^R[\w-]{26}\.\d+\.\d{8}$/;
const REWARD = 'Un café gratis';
let world;
let folder;

before(async () => {
  world = await startWorld();
  folder = await mkdtemp(join(tmpdir(), 'sello-camera-'));
});

after(async () => {
  await world?.stop();
  if (folder) await rm(folder, { recursive: true });
});

describe('from an empty shop to a free coffee', () => {
  test('on a phone', (t) => journey(t, PHONE, 'Café Tostado'));
  test('on a desktop', (t) => journey(t, DESKTOP, 'Panadería Rosales'));
});

async function journey(t, viewport, shop) {
  const film = join(folder, `${viewport.width}.y4m`);
  await showToCamera(film, []);
  const browser = await launch({ film });
  t.after(() => browser.close());
  const claim = path(t, () => [browser]);
  const meet = () => person(browser, world.url, { viewport, acceptDownloads: true });
  const [owner, customer, till] = await Promise.all([meet(), meet(), meet()]);

  let slug;
  let cardId;

  await claim('an owner signs up and is shown her eight recovery codes once', async () => {
    const { page } = owner;
    await page.goto('/panel');
    await page.getByRole('link', { name: 'Crear mi negocio' }).click();
    await page.getByRole('textbox', { name: 'Nombre de tu negocio' }).fill(shop);
    await page.getByRole('textbox', { name: 'Tu nombre' }).fill('Lucía Paredes');
    await page.getByRole('textbox', { name: 'Correo' }).fill(`lucia-${viewport.width}@prueba.pe`);
    await page.getByRole('textbox', { name: 'Contraseña' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Crear mi negocio' }).click();
    await page.getByRole('heading', { name: 'Guarda estos 8 códigos' }).waitFor();
    const codes = await page.locator('ol li').allTextContents();
    assert.equal(new Set(codes).size, 8);
    await page.getByLabel('Ya los guardé.').check();
    await page.getByRole('button', { name: 'Continuar' }).click();
    await page.getByRole('heading', { name: 'Hoy' }).waitFor();
  });

  await claim('she makes a card of ten stamps for a free coffee in the editor', async () => {
    const { page } = owner;
    await page.getByRole('link', { name: 'Haz tu tarjeta' }).first().click();
    await page.getByRole('textbox', { name: 'Nombre de la tarjeta' }).fill('Tarjeta de café');
    await page.getByRole('group', { name: 'Con el sello 10' }).getByRole('textbox', { name: 'Premio' }).fill(REWARD);
    await page.getByRole('group', { name: 'Con el sello 10' }).getByRole('textbox', { name: 'Te cuesta' }).fill('4.50');
    const perVisit = page.getByRole('group', { name: 'Como máximo, sellos por visita' });
    for (let n = 1; n < 10; n++) await perVisit.getByRole('button', { name: 'Agregar uno' }).click();
    assert.equal(await perVisit.locator('output').textContent(), '10');
    await page.getByLabel('Entre dos visitas, esperar').selectOption({ label: 'Nada' });
    await page.locator('#program article').getByText(REWARD).first().waitFor();
    await page.locator('#program button[type=submit]').click();
    await page.getByRole('heading', { name: 'Hoy' }).waitFor();
  });

  await claim('her poster, as a picture, is a code that opens the page to join', async () => {
    const { page } = owner;
    await page.goto('/panel/afiche');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'PNG para redes' }).click()]);
    const [text] = await qrTexts(await readFile(await download.path()));
    const joining = new URL(text);
    assert.equal(joining.origin, world.url);
    [, slug] = /^\/unete\/([^/]+)$/.exec(joining.pathname) ?? [];
    assert.ok(slug, `the poster leads to ${text}`);
  });

  await claim('a customer joins by the poster and gets her card with its code', async () => {
    const { page } = customer;
    await page.goto(`/unete/${slug}`);
    await page.getByRole('textbox', { name: 'Tu nombre' }).fill('Rosa Quispe');
    await page.getByRole('textbox', { name: 'Celular' }).fill(`${987_650_000 + viewport.width}`);
    const boxes = page.getByRole('checkbox');
    for (const box of await boxes.all()) assert.equal(await box.isChecked(), false, 'no box is ticked for her');
    await page.getByLabel('Tengo 14 años o más.').check();
    await boxes.nth(1).check();
    await page.getByRole('button', { name: 'Quiero mi tarjeta' }).click();
    await page.getByRole('heading', { name: 'Esta es tu tarjeta, Rosa' }).waitFor();
    await page.getByRole('link', { name: 'Abrir mi tarjeta' }).click();
    await page.getByText('Te faltan 10 sellos').waitFor();
    assert.ok(!page.url().includes('#'), 'the holder token does not stay in the address');
    [, cardId] = /\/t\/([^/?#]+)/.exec(page.url());
  });

  await claim('a stamper is added with a PIN, and the till is paired by the link of the panel', async () => {
    const { page } = owner;
    await page.goto('/panel/equipo');
    await page.getByRole('button', { name: 'Agregar persona' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('textbox', { name: 'Nombre' }).fill(STAMPER.name);
    await sheet.getByRole('textbox', { name: 'PIN para la caja' }).fill(STAMPER.pin);
    await sheet.getByRole('button', { name: 'Agregar persona' }).click();
    await page.getByRole('listitem').filter({ hasText: STAMPER.name }).waitFor();
    await page.goto('/panel/equipo?ver=cajas');
    await page.getByRole('button', { name: 'Vincular una caja' }).click();
    const code = page.getByRole('img', { name: 'Código para vincular la caja' });
    await code.waitFor();
    const [link] = await qrTexts(await code.screenshot());
    await till.page.goto(link);
    await till.page.getByRole('button', { name: 'Vincular' }).click();
    await till.page.getByRole('heading', { name: '¿Quién atiende?' }).waitFor();
    assert.ok(!till.page.url().includes('#'), 'the pairing code does not stay in the address');
    await page.getByText('quedó vinculada').waitFor();
    await page.goto('/panel');
    await page.getByText('En vivo').waitFor();
  });

  await claim('the till reads the code of her card from its camera and knows her first name', async () => {
    await holdUp(customer.page, film);
    const { page } = till;
    await page.getByRole('button', { name: STAMPER.name }).click();
    for (const digit of STAMPER.pin) await page.getByRole('group', { name: 'PIN' }).getByRole('button', { name: digit, exact: true }).click();
    await page.getByRole('button', { name: 'Entrar' }).click();
    await cameraBrings(page, 'Rosa');
    await page.getByText('de 10').first().waitFor();
  });

  await claim('one tap stamps; her card inks it and the panel tells it, by themselves', async (step) => {
    const cardInked = clock(customer.page, 'article [role=img][aria-label="1 de 10 sellos"]');
    const panelTold = clock(owner.page, '[role=log] li', '1 sello');
    const button = till.page.getByRole('button', { name: 'Sellar' });
    const tapped = clockOfClick(button);
    await Promise.all([cardInked.armed, panelTold.armed, tapped.armed]);
    await button.click();
    await till.page.getByText('Listo, 1 sello.').waitFor();
    const [at, ink, told] = await Promise.all([tapped.at, cardInked.at, panelTold.at]);
    await customer.page.getByText('Te faltan 9 sellos').waitFor();
    step.diagnostic(`from the tap to the panel ${Math.round(told - at)} ms, to her card ${Math.round(ink - at)} ms`);
  });

  await claim('a stamp can be taken back within the minute, and her card follows', async () => {
    await till.page.getByRole('button', { name: /^Deshacer Rosa: 1 sello/ }).click();
    await till.page.getByText('Deshecho. Rosa quedó como antes.').waitFor();
    assert.equal(await till.page.getByText('Listo, 1 sello.').count(), 0, 'what was undone is not called done');
    await customer.page.getByText('Te faltan 10 sellos').waitFor();
    await owner.page.getByText('se anuló 1 sello').waitFor();
  });

  await claim('ten stamps fill the card and unlock the reward', async () => {
    const { page } = till;
    await holdUp(customer.page, film);
    await comesToCamera(page);
    const howMany = page.getByRole('group', { name: 'Cuántos sellos' });
    for (let n = 1; n < 10; n++) await howMany.getByRole('button', { name: 'Agregar uno' }).click();
    await page.getByRole('button', { name: 'Dar 10 sellos' }).click();
    await page.getByText('Listo, 10 sellos.').waitFor();
    await page.getByRole('heading', { name: REWARD }).waitFor();
    await customer.page.getByText('Tu tarjeta está completa').waitFor();
    await customer.page.getByText('Tienes un premio').waitFor();
    await owner.page.getByText(`ganó: ${REWARD}`).waitFor();
  });

  await claim('the reward is held down at the till to be handed over', async () => {
    const { page } = till;
    await holdUp(customer.page, film);
    await comesToCamera(page);
    const ticket = page.locator('article').filter({ has: page.getByRole('heading', { name: REWARD }) });
    await ticket.hover();
    await page.mouse.down();
    await ticket.getByText('Canjeado').waitFor();
    await page.mouse.up();
    await customer.page.getByText('Canjeado').waitFor();
    await owner.page.getByText(`canjeó: ${REWARD}`).waitFor();
  });

  await claim('it cannot be handed over twice', async () => {
    const { page } = till;
    const { access_token: token } = await api(world.url, 'POST', '/api/v1/auth/login', { body: { email: `lucia-${viewport.width}@prueba.pe`, password: PASSWORD } });
    const { rewards } = await api(world.url, 'GET', `/api/v1/cards/${cardId}`, { token });
    assert.deepEqual(rewards.map(({ state }) => state), ['redeemed']);
    const again = api(world.url, 'POST', `/api/v1/rewards/${rewards[0].id}/redeem`, { token, operation: crypto.randomUUID(), body: {} });
    await assert.rejects(again, /answered 409/);
    await holdUp(customer.page, film);
    await comesToCamera(page);
    assert.equal(await page.getByRole('heading', { name: REWARD }).count(), 0, 'the till offers it no more');
  });

  await claim('the stamp after a full card begins the next', async () => {
    await till.page.getByRole('button', { name: 'Sellar' }).click();
    await till.page.getByText('Listo, 1 sello.').waitFor();
    await customer.page.getByText('Te faltan 9 sellos').waitFor();
    await customer.page.getByText('Vuelta 2').waitFor();
  });

  await claim('nobody saw an error, broke the security policy or asked another host', () => {
    assert.deepEqual([...owner.faults, ...customer.faults, ...till.faults], []);
  });
}

/** The code that her screen shows at this moment comes before the camera. */
async function holdUp(page, film) {
  const code = page.getByRole('img', { name: 'El código de tu tarjeta' }).first();
  await page.locator('[data-rotating]').waitFor();
  const [text] = await qrTexts(await code.screenshot());
  assert.match(text ?? '', ROTATING, 'her screen shows a code that changes');
  await showToCamera(film, [text], FILM);
}

/**
 * She comes to a till that is loaded anew: its camera opens on the film of the code that she holds up now, and nothing depends on
 * whether the visit before has closed by itself or the film has brought her again meanwhile.
 */
async function comesToCamera(page) {
  await page.reload();
  await cameraBrings(page, 'Rosa');
  await page.getByRole('button', { name: 'Sellar' }).waitFor();
}

/** When an element with this text first stands on the page, by the machine's clock. */
function clock(page, selector, text = '') {
  const armed = page.evaluateHandle(
    ({ selector, text }) => {
      const isThere = () => [...document.querySelectorAll(selector)].some((element) => element.textContent.includes(text));
      const at = new Promise((done) => {
        const look = () => isThere() && (watch.disconnect(), done(performance.timeOrigin + performance.now()));
        const watch = new MutationObserver(look);
        watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['aria-label'] });
        look();
      });
      // In a box: a promise by itself would be waited for.
      return { at };
    },
    { selector, text },
  );
  return { armed, at: armed.then((box) => box.evaluate(({ at }) => at)) };
}

function clockOfClick(locator) {
  const armed = locator.evaluateHandle((element) => {
    const at = new Promise((done) => element.addEventListener('click', () => done(performance.timeOrigin + performance.now()), { once: true, capture: true }));
    return { at };
  });
  return { armed, at: armed.then((box) => box.evaluate(({ at }) => at)) };
}
