// What service workers are for. Without a connection the till goes on stamping and each stamp arrives once, and the card goes on
// being shown; and with no page open a phone shows what the shop says.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { isGood, settled } from './support/axe.mjs';
import { launch, person, PHONE } from './support/browser.mjs';
import { FILM, showToCamera } from './support/camera.mjs';
import { path } from './support/claims.mjs';
import { qrTexts } from './support/qr-read.mjs';
import { api, enrol, openShop, pairingCode, STAMPER, stamp, startWorld } from './support/world.mjs';

let world;
let shop;
let folder;

before(async () => {
  world = await startWorld();
  shop = await openShop(world);
  folder = await mkdtemp(join(tmpdir(), 'sello-camera-'));
});

after(async () => {
  await world?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const entriesOf = async (customerId) => (await api(world.url, 'GET', `/api/v1/customers/${customerId}/ledger`, { token: shop.token })).items;

describe('without a connection', () => {
  test('the till', async (t) => {
    const rosa = await enrol(world, shop, 'Rosa Quispe');
    const film = join(folder, 'till.y4m');
    await showToCamera(film, []);
    const browser = await launch({ film });
    t.after(() => browser.close());
    const claim = path(t, () => [browser]);
    const { page, context, faults } = await person(browser, world.url);
    const counter = page.getByRole('button', { name: 'Buscar cliente' });

    await claim('is paired and somebody is in', async () => {
      const { pair_url } = await pairingCode(world, shop);
      await page.goto(pair_url);
      await page.getByRole('button', { name: 'Vincular' }).click();
      await page.getByRole('button', { name: STAMPER.name }).click();
      await page.keyboard.type(STAMPER.pin);
      await page.getByRole('button', { name: 'Entrar' }).click();
      await counter.waitFor();
      await page.evaluate(() => navigator.serviceWorker.ready);
    });

    await claim('opens again after the connection went, with who was in', async () => {
      await context.setOffline(true);
      await page.getByText('Sin conexión. Escanea igual').waitFor();
      await showToCamera(film, [rosa.card.code], FILM);
      await page.reload();
      await page.getByText('Sin conexión. Escanea igual').waitFor();
      await page.getByRole('button', { name: `Cambiar de persona. Ahora: ${STAMPER.name}` }).or(page.getByRole('heading', { name: 'Tarjeta leída' })).waitFor();
    });

    await claim('reads a card and stores a stamp for it', async () => {
      await page.getByRole('heading', { name: 'Tarjeta leída' }).waitFor();
      await page.getByRole('button', { name: 'Guardar sello' }).click();
      await page.getByText('Guardado, 1 sello.').waitFor();
      await page.getByText('Sin conexión. 1 sello guardado').waitFor();
      assert.equal((await entriesOf(rosa.customer_id)).length, 0);
    });

    await claim('keeps it through a reload', async () => {
      await page.reload();
      await page.getByText('Sin conexión. 1 sello guardado').waitFor();
      await page.getByRole('heading', { name: 'Tarjeta leída' }).waitFor();
      await page.getByRole('button', { name: 'Guardar sello' }).click();
      await page.getByText('Sin conexión. 2 sellos guardados').waitFor();
    });

    await claim('sends each once when the connection is back, although the first answer is lost', async () => {
      let batches = 0;
      await page.route('**/api/v1/stamps/batch', async (route) => {
        batches += 1;
        // The server hears and does it; the till never learns.
        const response = await route.fetch();
        return batches === 1 ? route.abort() : route.fulfill({ response });
      });
      await context.setOffline(false);
      await page.getByText('2 sellos guardados').waitFor({ state: 'detached' });
      await page.getByRole('status').filter({ hasText: 'Sin conexión' }).waitFor({ state: 'detached' });
      assert.ok(batches >= 2, `sent ${batches} times`);
      const entries = await entriesOf(rosa.customer_id);
      assert.deepEqual(entries.map(({ via, count }) => [via, count]), [['offline', 1], ['offline', 1]]);
      const { card } = await api(world.url, 'GET', `/api/v1/cards/${rosa.card.id}`, { token: shop.token });
      assert.equal(card.stamps, 2);
    });

    await claim('has nothing left to send', async () => {
      await page.unroute('**/api/v1/stamps/batch');
      await page.reload();
      await page.getByRole('heading', { name: /^(Rosa|Tarjeta leída)$/ }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Ver', exact: true }).count(), 0, 'no bar tells of stored stamps');
      assert.equal((await entriesOf(rosa.customer_id)).length, 2);
    });

    await claim('gives a card its name as soon as a bad line is a good one again', async () => {
      let answer;
      const bad = new Promise((resolve) => (answer = resolve));
      await page.route('**/api/v1/scans', async (route) => {
        await bad;
        await route.continue();
      });
      await page.reload();
      await page.getByRole('heading', { name: 'Tarjeta leída' }).waitFor();
      answer();
      await page.getByRole('heading', { name: 'Rosa', exact: true }).waitFor();
      assert.equal(await page.getByRole('heading', { name: 'Tarjeta leída' }).count(), 0);
      assert.equal((await entriesOf(rosa.customer_id)).length, 2, 'nothing was stamped meanwhile');
      await page.unroute('**/api/v1/scans');
    });

    await claim('says all it has to say on the narrowest phone, in both languages', async () => {
      const bar = page.locator('section.bar div.words');
      const store = async (button, then) => {
        await page.getByRole('button', { name: button, exact: true }).waitFor();
        await isWhole(page.locator('.visit .empty .soft'));
        await page.getByRole('button', { name: button, exact: true }).click();
        await bar.filter({ hasText: then }).waitFor();
        await isWhole(bar);
        await isWhole(page.locator('.undo .what').first());
      };
      await page.setViewportSize(PHONE);
      await context.setOffline(true);
      await page.reload();
      await bar.filter({ hasText: 'Sin conexión. Escanea igual' }).waitFor();
      await isWhole(bar);
      await store('Guardar sello', 'Sin conexión. 1 sello guardado');
      await store('Guardar sello', 'Sin conexión. 2 sellos guardados');
      await page.evaluate(() => localStorage.setItem('sello.lang', 'en'));
      await page.reload();
      await bar.filter({ hasText: 'No connection. 2 stamps stored' }).waitFor();
      await store('Store stamp', 'No connection. 3 stamps stored');
    });

    await claim('saw no error', () => assert.deepEqual(faults.filter(isOurs), []));
  });

  test('her card', async (t) => {
    const ana = await enrol(world, shop, 'Ana Flores');
    await stamp(world, shop, ana.card.id, 3);
    const browser = await launch();
    t.after(() => browser.close());
    const claim = path(t, () => [browser]);
    const { page, context, faults } = await person(browser, world.url);
    const code = page.getByRole('img', { name: 'El código de tu tarjeta' }).first();
    let shown;

    await claim('is opened once with a connection', async () => {
      await page.goto(ana.card.web_url);
      await page.getByText('Te faltan 7 sellos').waitFor();
      await page.locator('[data-rotating]').waitFor();
      [shown] = await qrTexts(await code.screenshot());
      assert.match(shown, /^R[\w-]{26}\.\d+\.\d{8}$/);
      await page.evaluate(() => navigator.serviceWorker.ready);
    });

    await claim('is shown as it was, with a code of this moment and since when', async () => {
      await context.setOffline(true);
      await page.getByText('Sin internet. Así estaba tu tarjeta hace un momento').waitFor();
      await page.clock.setFixedTime(Date.now() + 3 * 3_600_000);
      await page.reload();
      await page.getByText('Sin internet. Así estaba tu tarjeta hace 3 horas').waitFor();
      await page.getByText('Te faltan 7 sellos').waitFor();
      await page.locator('[data-rotating]').waitFor();
      const [later] = await qrTexts(await code.screenshot());
      const second = (text) => Number(text.split('.')[1]);
      assert.equal(later.split('.')[0], shown.split('.')[0], 'the same card');
      assert.ok(second(later) - second(shown) >= 3 * 3_600 - 30, 'three hours later');
    });

    await claim('catches up by itself', async () => {
      await stamp(world, shop, ana.card.id);
      await context.setOffline(false);
      await page.getByText('Te faltan 6 sellos').waitFor();
      await page.getByText('Así estaba tu tarjeta').waitFor({ state: 'detached' });
    });

    await claim('saw no error', () => assert.deepEqual(faults.filter(isOurs), []));
  });
});

describe('with no page open', () => {
  test('what the shop says', async (t) => {
    const ana = await enrol(world, shop, 'Ana Flores');
    const browser = await launch();
    t.after(() => browser.close());
    const claim = path(t, () => [browser]);
    const { page, context, faults } = await person(browser, world.url);
    await context.grantPermissions(['notifications'], { origin: world.url });
    // No push service is to be reached from here: the browser is given an address, and the server takes it.
    await page.addInitScript(() => {
      let current = null;
      PushManager.prototype.getSubscription = async () => current;
      PushManager.prototype.subscribe = async (options) => {
        const keys = { p256dh: 'p', auth: 'a' };
        const [endpoint, unsubscribe] = ['https://fcm.googleapis.com/fcm/send/x', async () => ((current = null), true)];
        current = { endpoint, options: { applicationServerKey: options.applicationServerKey.buffer }, toJSON: () => ({ endpoint, keys }), unsubscribe };
        return current;
      };
    });
    const told = [];
    await page.route(`**/api/v1/cards/${ana.card.id}`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), push_key: PUSH_KEY } });
    });
    await page.route('**/api/v1/cards/*/push/*', (route) => (told.push(route.request().method()), route.fulfill({ status: 204 })));
    await page.route('**/api/v1/cards/*/push', (route) => {
      told.push(route.request().postDataJSON());
      return route.fulfill({ status: 201, json: { id: '0190a000-0000-7000-8000-0000000000e1' } });
    });

    await claim('is wanted with two touches', async () => {
      await page.goto(ana.card.web_url);
      await page.getByRole('button', { name: 'Avísame aquí' }).click();
      await page.getByRole('button', { name: 'Activar avisos' }).click();
      await page.getByText('Listo: te avisaremos aquí.').waitFor();
      await isGood(page, { sizes: [PHONE] });
      assert.deepEqual(told, [{ endpoint: 'https://fcm.googleapis.com/fcm/send/x', keys: { p256dh: 'p', auth: 'a' } }]);
    });

    const notices = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag, data }) => ({ title, body, tag, data })));
    await claim('is shown with its words, and the same again in its place', async () => {
      const push = await pusher(context, page, world.url);
      const words = { title: 'Café Tostado', body: 'Este jueves, dos por uno', url: `/t/${ana.card.id}`, id: 'n1' };
      await push(words);
      await push(words);
      await push({ ...words, body: 'Y el viernes también', id: 'n2' });
      const shown = (await notices()).toSorted((a, b) => a.tag.localeCompare(b.tag));
      assert.deepEqual(shown.map(({ tag }) => tag), ['n1', 'n2']);
      assert.deepEqual(shown[0], { title: words.title, body: words.body, tag: 'n1', data: words.url });
    });

    await claim('is wanted no more with one touch', async () => {
      await page.getByRole('button', { name: 'Apagar avisos' }).click();
      await page.getByRole('button', { name: 'Activar avisos' }).waitFor();
      assert.equal(told.at(-1), 'DELETE');
    });

    await claim('saw no error', () => assert.deepEqual(faults, []));
  });
});

/** A message that the browser's tools hand over can get lost, as one of a push service's can; the same again takes its place. */
const MOST_TRIES = 5;

/** Runs in the page: whether these words are shown within three seconds. */
async function showsSoon({ id, body }) {
  const worker = await navigator.serviceWorker.ready;
  for (const end = performance.now() + 3_000; performance.now() < end; await new Promise(requestAnimationFrame)) {
    if ((await worker.getNotifications()).some((notice) => notice.tag === id && notice.body === body)) return true;
  }
  return false;
}

/** The example of RFC 8291. */
const PUSH_KEY = 'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8';

/** Hands messages to the card's own service worker, as the browser does once it has decrypted them. */
async function pusher(context, page, origin) {
  const devtools = await context.newCDPSession(page);
  const registered = new Promise((done) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const card = registrations.find(({ scopeURL, isDeleted }) => scopeURL === `${origin}/t/` && !isDeleted);
      if (card) done(card.registrationId);
    });
  });
  await devtools.send('ServiceWorker.enable');
  const registrationId = await registered;
  const message = (words) => devtools.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: JSON.stringify(words) });
  return async (words) => {
    for (let tried = 0; tried < MOST_TRIES; tried += 1) {
      await message(words);
      if (await page.evaluate(showsSoon, words)) return;
    }
    throw new Error(`${words.id} was never shown`);
  };
}

/** All of its words are on the screen: none is cut off at a side or after a line, and nothing lies over them. */
async function isWhole(words) {
  await words.waitFor();
  // What has just come may still be on its way to its place.
  await settled(words.page());
  const found = await words.evaluate((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const ends = [top + 6, bottom - 6].map((y) => document.elementFromPoint((left + right) / 2, y));
    return {
      cut: element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight,
      outside: left < 0 || right > innerWidth || top < 0 || bottom > innerHeight,
      covered: !ends.every((end) => end && element.contains(end)),
    };
  });
  assert.deepEqual(found, { cut: false, outside: false, covered: false }, await words.textContent());
}

/** A browser writes down on its own that it is offline. */
const isOurs = (fault) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(fault);
