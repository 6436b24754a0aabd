// Every page and its main states: nothing for axe to find, in both themes and both sizes; nothing wider than the phone; no
// error, no breach of the security policy, no other host; both languages; and a form that needs no pointer.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { faultsOf } from './support/axe.mjs';
import { cameraBrings, FILM, showToCamera } from './support/camera.mjs';
import { DESKTOP, launch, person, PHONE, photograph } from './support/browser.mjs';
import { lateFor, LINKS, TROUBLED, withArt, withDeliveries, withWallets } from './support/wallets.mjs';
import { api, enrol, newPhone, openShop, pairingCode, PASSWORD, STAMPER, stamp, startWorld } from './support/world.mjs';

const SIZES = { phone: PHONE, desktop: DESKTOP };
const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

let world;
let shop;
let rosa;
let folder;
let film;
let browser;

before(async () => {
  world = await startWorld();
  shop = await openShop(world);
  rosa = await enrol(world, shop, 'Rosa Quispe');
  await stamp(world, shop, rosa.card.id, 10);
  await stamp(world, shop, rosa.card.id, 3);
  folder = await mkdtemp(join(tmpdir(), 'sello-camera-'));
  film = join(folder, 'camera.y4m');
  await showToCamera(film, []);
  browser = await launch({ film });
});

after(async () => {
  await browser?.close();
  await world?.stop();
  if (folder) await rm(folder, { recursive: true });
});

/** One person's walk through some states. `good` judges the page as it stands. */
async function walk(t, work, options = {}) {
  const visitor = await person(options.browser ?? browser, world.url, { reducedMotion: 'reduce', ...options });
  const { page } = visitor;
  const good = async (state, { sizes = Object.keys(SIZES) } = {}) => {
    await t.test(state, async () => {
      const found = await faultsOf(page, { sizes: sizes.map((size) => SIZES[size]) });
      if (found.length) await photograph(browser, `pages-${state}`);
      assert.deepEqual(found, []);
    });
  };
  try {
    await work(page, good, visitor);
    assert.deepEqual(visitor.faults, []);
  } finally {
    await visitor.context.close();
  }
}

const langOf = (page) => page.evaluate(() => document.documentElement.lang);

describe('axe finds nothing against WCAG 2.2 AA, nothing is too wide, and no page errs', () => {
  test('home', (t) =>
    walk(t, async (page, good) => {
      await page.goto('/');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await good('a stranger’s');
      await page.goto(rosa.card.web_url);
      await page.getByText('Te faltan').waitFor();
      await page.goto('/');
      await page.getByRole('navigation', { name: 'Las tarjetas de este celular' }).waitFor();
      await good('of somebody who has a card');
    }));

  test('join', (t) =>
    walk(t, async (page, good) => {
      await page.goto(`/unete/${shop.business.slug}`);
      const button = page.getByRole('button', { name: 'Quiero mi tarjeta' });
      await button.waitFor();
      await good('the form');
      await button.click();
      await page.getByText('Falta este dato.').first().waitFor();
      for (const more of await page.getByText('Leer más').all()) await more.click();
      await good('what is missing, and the long texts');
      const name = page.getByRole('textbox', { name: 'Tu nombre' });
      const phone = page.getByRole('textbox', { name: 'Celular' });
      await name.fill('Ana');
      await page.getByLabel('Tengo 14 años o más.').check();
      await page.getByRole('checkbox', { name: /^Acepto/ }).check();
      await page.getByRole('checkbox', { name: /^Quiero recibir/ }).check();
      await page.getByLabel('Tengo 18 años o más.').check();
      const { phone: known } = await api(world.url, 'GET', `/api/v1/customers/${rosa.customer_id}`, { token: shop.token });
      await phone.fill(known);
      await button.click();
      await page.getByRole('heading', { name: 'Este número ya tiene una tarjeta aquí' }).waitFor();
      await good('a number that is known');
      await page.getByRole('button', { name: 'Corregir el número' }).click();
      assert.equal(await name.inputValue(), 'Ana', 'what was typed is still there');
      await phone.fill(newPhone());
      await page.getByLabel('Tengo 14 años o más.').check();
      await page.getByRole('checkbox', { name: /^Acepto/ }).check();
      await button.click();
      await page.getByRole('heading', { name: 'Esta es tu tarjeta, Ana' }).waitFor();
      await good('her card, come out');
      await page.goto(`/unete/${shop.business.slug}`);
      await page.getByRole('heading', { name: 'Ya tienes tu tarjeta en este celular' }).waitFor();
      await good('the card is here already');
      await page.goto('/unete/no-existe');
      await page.getByRole('heading', { name: 'No encontramos este negocio' }).waitFor();
      await good('no such shop');
    }));

  test('card', (t) =>
    walk(t, async (page, good) => {
      await page.goto(rosa.card.web_url);
      await page.getByText('Te faltan 7 sellos').waitFor();
      await good('with stamps and a reward');
      await page.getByRole('button', { name: /Agrandar el código/ }).click();
      await page.getByRole('dialog').waitFor();
      await good('the code, enlarged');
      await page.keyboard.press('Escape');
      for (const more of ['Guardar en la pantalla de inicio', 'Mis datos', 'Cambiar mi código']) {
        await page.getByRole('button', { name: more }).click();
        await page.getByRole('dialog').waitFor();
        await good(more);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
      }
      await page.goto('/t/0190a000-0000-7000-8000-000000000000');
      await page.getByRole('heading', { name: 'Esta tarjeta no está en este celular' }).waitFor();
      await good('not on this phone');
    }));

  for (const [device, userAgent, wallets] of [['an Android', ANDROID, ['google']], ['an iPhone', IPHONE, ['apple']], ['a computer', WINDOWS, ['apple', 'google']]]) {
    test(`card, offered to the wallet of ${device}`, (t) =>
      walk(
        t,
        async (page, good) => {
          await withWallets(page);
          await page.goto(rosa.card.web_url);
          const button = { apple: page.getByRole('link', { name: 'Agregar a Apple Wallet' }), google: page.getByRole('link', { name: 'Agregar a Google Wallet' }) };
          await button[wallets[0]].waitFor();
          for (const wallet of ['apple', 'google']) {
            assert.equal(await button[wallet].count(), wallets.includes(wallet) ? 1 : 0, wallet);
            if (!wallets.includes(wallet)) continue;
            assert.equal(await button[wallet].getAttribute('href'), LINKS[`${wallet}_url`]);
            assert.ok((await button[wallet].boundingBox()).height >= 48, 'it is large enough for a thumb');
          }
          await good(`the wallet of ${device}`);
        },
        { userAgent, serviceWorkers: 'block' },
      ));
  }

  for (const [device, userAgent, count] of [['an iPhone', IPHONE, 1], ['an Android', ANDROID, 0]]) {
    test(`card, all of several at once on ${device}`, (t) =>
      walk(
        t,
        async (page, good) => {
          await withWallets(page, { ...LINKS, bundle_url: '/wallet/bundles/prueba', bundle_cards: 3 });
          await page.goto(rosa.card.web_url);
          await page.getByRole('link', { name: /Agregar a .* Wallet/ }).waitFor();
          const all = page.getByRole('link', { name: 'Agregar mis 3 tarjetas' });
          assert.equal(await all.count(), count);
          if (count) assert.equal(await all.getAttribute('href'), '/wallet/bundles/prueba');
          await good(`several cards on ${device}`);
        },
        { userAgent, serviceWorkers: 'block' },
      ));
  }

  test('card, where no wallet is on', (t) =>
    walk(
      t,
      async (page) => {
        await withWallets(page, { apple_url: null, google_url: null });
        await page.goto(rosa.card.web_url);
        await page.getByText('Te falta').waitFor();
        assert.equal(await page.getByText('Wallet').count(), 0);
      },
      { userAgent: WINDOWS, serviceWorkers: 'block' },
    ));

  test('join, offered to the wallet of the phone', (t) =>
    walk(
      t,
      async (page, good) => {
        await withWallets(page);
        await page.goto(`/unete/${shop.business.slug}`);
        await page.getByRole('textbox', { name: 'Tu nombre' }).fill('Ana');
        await page.getByRole('textbox', { name: 'Celular' }).fill(newPhone());
        await page.getByLabel('Tengo 14 años o más.').check();
        await page.getByRole('checkbox', { name: /^Acepto/ }).check();
        await page.getByRole('button', { name: 'Quiero mi tarjeta' }).click();
        await page.getByRole('heading', { name: 'Esta es tu tarjeta, Ana' }).waitFor();
        assert.equal(await page.getByRole('link', { name: 'Agregar a Google Wallet' }).getAttribute('href'), LINKS.google_url);
        assert.equal(await page.getByRole('link', { name: 'Agregar a Apple Wallet' }).count(), 0);
        await good('her card, with the button of her wallet');
      },
      { userAgent: ANDROID },
    ));

  test('till', (t) =>
    walk(t, async (page, good) => {
      await page.goto('/caja');
      await page.getByRole('heading', { name: 'Vincula esta caja' }).waitFor();
      await good('not paired');
      await page.goto((await pairingCode(world, shop)).pair_url);
      await page.getByRole('button', { name: 'Vincular' }).click();
      await page.getByRole('button', { name: STAMPER.name }).waitFor();
      await good('who is here');
      await page.getByRole('button', { name: STAMPER.name }).click();
      await page.keyboard.type('000');
      await good('the PIN');
      for (const _ of '000') await page.keyboard.press('Backspace');
      await page.keyboard.type(STAMPER.pin);
      await page.getByRole('button', { name: 'Entrar' }).click();
      await page.getByText('Escanea la tarjeta').waitFor();
      await good('the camera');
      await page.getByRole('button', { name: 'Ajustes de la caja' }).click();
      await page.getByRole('dialog').waitFor();
      await good('its settings');
      await page.keyboard.press('Escape');
      await showToCamera(film, [rosa.card.code], FILM);
      await page.reload();
      await cameraBrings(page, 'Rosa');
      await good('a card before the camera');
      const asLarge = async (name) => {
        const { width, height } = await page.getByRole('button', { name }).boundingBox();
        assert.ok(width >= 72 && height >= 72, `${name} is ${width} × ${height} px, for a thumb with a queue behind it`);
      };
      const stamped = async () => {
        // She comes anew: one who stands there longer than the film is forgotten by the camera, and read again once she is stamped.
        await page.reload();
        await cameraBrings(page, 'Rosa');
        await asLarge('Sellar');
        await page.getByRole('button', { name: 'Sellar' }).click();
        await page.getByText('Listo, 1 sello.').waitFor();
        await asLarge('Siguiente tarjeta');
      };
      const takeBack = page.getByRole('button', { name: /^Deshacer/ });
      await stamped();
      await page.reload();
      // There is a minute for it, and to judge may take longer: what is judged is another.
      await takeBack.click();
      await page.getByText('Deshecho.').waitFor();
      await stamped();
      // Its minute stands still; so does the camera's memory, and the film brings her once.
      await page.clock.setFixedTime(Date.now());
      await page.reload();
      await page.getByRole('heading', { name: 'Rosa', exact: true }).waitFor();
      await takeBack.waitFor();
      await good('loaded anew, with a minute to take the stamp back');
      await page.getByRole('button', { name: 'Volver a la cámara' }).click();
      await page.getByRole('button', { name: 'Buscar cliente' }).waitFor();
      await takeBack.waitFor();
      await good('the camera, with a minute to take the stamp back');
    }));

  test('till without a camera', async (t) => {
    // A camera that is there, and that nobody has allowed.
    const strict = await launch({ camera: true });
    t.after(() => strict.close());
    await walk(
      t,
      async (page, good) => {
        await page.goto((await pairingCode(world, shop)).pair_url);
        await page.getByRole('button', { name: 'Vincular' }).click();
        await page.getByRole('button', { name: STAMPER.name }).click();
        await page.keyboard.type(STAMPER.pin);
        await page.getByRole('button', { name: 'Entrar' }).click();
        await page.getByText('La cámara no tiene permiso.').waitFor();
        await good('camera refused');
        await page.getByRole('button', { name: 'Buscar cliente' }).click();
        await page.getByRole('searchbox', { name: 'Nombre o celular' }).fill('rosa');
        await page.getByRole('button', { name: /^Rosa/ }).waitFor();
        await good('found by name');
        await page.getByRole('button', { name: /^Rosa/ }).click();
        await page.getByRole('button', { name: /^Sellar$|^Dar/ }).waitFor();
        await good('a card found by name, with its reward');
      },
      { browser: strict },
    );
  });

  test('panel, outside', (t) =>
    walk(t, async (page, good) => {
      await page.goto('/panel');
      await page.getByRole('heading', { name: 'Entra a tu negocio' }).waitFor();
      await good('sign-in');
      await page.goto('/panel/recuperar');
      await page.getByRole('heading', { name: 'Recupera tu cuenta' }).waitFor();
      await good('recovery');
      await page.goto('/panel/registro');
      await page.getByRole('textbox', { name: 'Nombre de tu negocio' }).fill('Peluquería Nueva');
      await page.getByRole('textbox', { name: 'Tu nombre' }).fill('Ana');
      await page.getByRole('textbox', { name: 'Correo' }).fill('ana@nueva.pe');
      await page.getByRole('textbox', { name: 'Contraseña' }).fill(PASSWORD);
      await good('sign-up');
      await page.getByRole('button', { name: 'Crear mi negocio' }).click();
      await page.getByRole('heading', { name: 'Guarda estos 8 códigos' }).waitFor();
      await good('recovery codes');
      await page.getByLabel('Ya los guardé.').check();
      await page.getByRole('button', { name: 'Continuar' }).click();
      await page.getByRole('heading', { name: 'Para empezar' }).waitFor();
      await good('an empty shop');
      await enter(page, '/panel/afiche', page.getByText('Primero haz tu tarjeta'));
      assert.equal(await page.getByRole('button', { name: 'Descargar PDF' }).isDisabled(), true);
      await good('afiche, before there is a card');
    }));

  test('panel, inside', (t) =>
    walk(t, async (page, good) => {
      await signIn(page);
      await page.getByText('En vivo').waitFor();
      await page.getByRole('heading', { name: 'Los últimos 30 días' }).waitFor();
      await good('hoy');
      await enter(page, '/panel/clientes', page.locator('#room').getByRole('link', { name: 'Rosa Quispe' }));
      await good('clientes');
      await page.getByRole('navigation', { name: 'Qué clientes ver' }).getByRole('link', { name: 'Con premio' }).click();
      await page.locator('a[aria-current=true]', { hasText: 'Con premio' }).waitFor();
      await page.locator('#room').getByRole('link', { name: 'Rosa Quispe' }).first().waitFor();
      assert.match(page.url(), /segment=reward_open/);
      await good('clientes, those with a reward');
      await enter(page, `/panel/clientes/${rosa.customer_id}`, page.getByRole('heading', { name: 'Historia' }));
      await good('cliente');
      await page.getByRole('button', { name: 'Regalar' }).click();
      await page.getByRole('dialog').waitFor();
      await good('cliente, a present');
      await enter(page, '/panel/programa', page.getByRole('heading', { name: 'Qué regalas' }));
      await page.getByRole('heading', { name: 'En el celular de tus clientes' }).waitFor();
      await good('programa');
      await enter(page, '/panel/equipo', page.getByRole('button', { name: 'Agregar persona' }));
      await good('equipo');
      await page.getByRole('button', { name: 'Agregar persona' }).click();
      await page.getByRole('dialog').waitFor();
      await good('equipo, somebody new');
      await enter(page, '/panel/equipo?ver=cajas', page.getByRole('button', { name: 'Vincular una caja' }));
      await page.getByRole('button', { name: 'Vincular una caja' }).click();
      await page.getByRole('img', { name: 'Código para vincular la caja' }).waitFor();
      await good('cajas, the pairing code');
      await enter(page, '/panel/equipo?ver=locales', page.getByRole('button', { name: 'Agregar local' }));
      await good('locales');
      await enter(page, '/panel/equipo?ver=quien', page.locator('#room li').first());
      await good('quién hizo qué');
      await enter(page, '/panel/afiche', page.locator('figure image'));
      await good('afiche');
      await enter(page, '/panel/billeteras', page.getByRole('heading', { name: 'Billeteras', level: 1 }));
      await good('billeteras');
      await enter(page, '/panel/ajustes', page.getByRole('heading', { name: 'Tu negocio' }));
      await good('ajustes');
      await enter(page, '/panel/mas', page.locator('#room').getByRole('link', { name: 'Afiche' }));
      await good('más', { sizes: ['phone'] });
    }));

  test('panel, the logo and the passes', (t) =>
    walk(t, async (page, good) => {
      await withArt(page);
      await signIn(page);
      await enter(page, '/panel/programa', page.locator('.pass.google .hero img'));
      const chooser = page.locator('input[type=file]');
      await chooser.setInputFiles({ name: 'carta.txt', mimeType: 'text/plain', buffer: Buffer.from('hola') });
      await page.getByText('Ese archivo no es PNG, JPEG ni SVG.').waitFor();
      await good('programa, a file that is no picture');
      await chooser.setInputFiles({ name: 'grande.png', mimeType: 'image/png', buffer: Buffer.alloc(2 * 1024 * 1024 + 1) });
      await page.getByText('La imagen pesa más de 2 MB.').waitFor();
      await chooser.setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') });
      await page.getByText('Tu logo ya está en las tarjetas.').waitFor();
      await page.locator('.pass.apple img.logo').waitFor();
      await good('programa, with a logo');
      await page.getByRole('button', { name: 'Quitar el logo' }).click();
      await page.locator('.pass.apple img.logo').waitFor({ state: 'detached' });
    }));

  test('panel, a logo refused, and passes that cannot be drawn', (t) =>
    walk(t, async (page, good) => {
      await withArt(page, { isAway: true, refusal: 'blank' });
      await signIn(page);
      await enter(page, '/panel/programa', page.locator('.pass.apple article'));
      await page.locator('input[type=file]').setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') });
      await page.getByText('En la imagen no se ve nada. Elige otra.').waitFor();
      await good('programa, the card of the pages in place of the passes');
    }));

  test('panel, wallets that are in trouble', (t) =>
    walk(t, async (page, good) => {
      await withDeliveries(page, { wallets: TROUBLED, late: lateFor(rosa.customer_id) });
      await signIn(page);
      await enter(page, '/panel/billeteras', page.locator('#room').getByRole('link', { name: 'Rosa Quispe' }));
      await page.getByText('Detenida').waitFor();
      await page.getByRole('link', { name: /2 tarjetas se quedaron atrás/ }).first().waitFor();
      await good('billeteras, some that did not arrive');
      await page.getByRole('button', { name: 'Intentar de nuevo: Rosa Quispe, Google Wallet' }).click();
      await page.getByText('Google Wallet no respondía.').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Intentar todas' }).click();
      await page.getByText('Se intenta de nuevo con 1.').waitFor();
      await page.getByRole('heading', { name: 'No llegaron' }).waitFor({ state: 'detached' });
      await page.getByRole('heading', { name: 'En camino' }).waitFor();
      await page.getByText(/se qued(ó|aron) atrás/).first().waitFor({ state: 'detached' });
    }));

  test('panel, wallets where all is well', (t) =>
    walk(t, async (page, good) => {
      await withDeliveries(page);
      await signIn(page);
      await enter(page, '/panel/billeteras', page.getByRole('heading', { name: 'Todo llegó' }));
      await good('billeteras, nothing to do');
    }));
});

async function signIn(page) {
  await page.goto('/panel');
  await page.getByRole('textbox', { name: /^(Correo|E-mail)$/ }).fill(shop.email);
  await page.getByRole('textbox', { name: /^(Contraseña|Password)$/ }).fill(PASSWORD);
  await page.getByRole('button', { name: /^(Entrar|Sign in)$/ }).click();
  await page.getByRole('heading', { name: /^(Hoy|Today)$/ }).waitFor();
}

async function enter(page, address, sign) {
  await page.goto(address);
  await sign.first().waitFor();
}

describe('a page says which language it is in', () => {
  const PAGES = { home: '/', join: () => `/unete/${shop.business.slug}`, card: () => rosa.card.web_url, till: '/caja', panel: '/panel' };
  for (const [name, address] of Object.entries(PAGES)) {
    test(`${name}, in Spanish and in English`, async () => {
      const heading = {};
      for (const [locale, lang] of [['es-PE', 'es-PE'], ['en-GB', 'en']]) {
        const { page, context, faults } = await person(browser, world.url, { locale });
        await page.goto(typeof address === 'string' ? address : address());
        const h1 = page.getByRole('heading', { level: 1 }).first();
        await h1.waitFor();
        heading[lang] = await h1.textContent();
        assert.equal(await langOf(page), lang);
        assert.deepEqual(faults, []);
        await context.close();
      }
      assert.notEqual(heading.en, heading['es-PE'], 'its heading is translated');
    });
  }

  test('a language chosen stays chosen', async () => {
    const { page, context } = await person(browser, world.url);
    await page.goto('/');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: 'Register my shop' }).or(page.getByRole('link', { name: 'Register my shop' })).waitFor();
    await page.goto('/panel');
    await page.getByRole('heading', { name: 'Sign in to your business' }).waitFor();
    assert.equal(await langOf(page), 'en');
    await context.close();
  });

  test('the rooms of the panel are in English for an owner who reads English', async () => {
    const { page, context, faults } = await person(browser, world.url, { locale: 'en-GB' });
    await signIn(page);
    for (const [address, title] of [['/panel', 'Today'], ['/panel/clientes', 'Customers'], ['/panel/programa', 'Program'], ['/panel/equipo', 'Team and tills'], ['/panel/afiche', 'Poster'], ['/panel/billeteras', 'Wallets'], ['/panel/ajustes', 'Settings']]) {
      await enter(page, address, page.getByRole('heading', { name: title, level: 1 }));
      assert.equal(await langOf(page), 'en');
    }
    assert.deepEqual(faults, []);
    await context.close();
  });
});

describe('the keyboard alone', () => {
  test('is enough to join', async () => {
    const { page, context } = await person(browser, world.url, { viewport: DESKTOP });
    await page.goto(`/unete/${shop.business.slug}`);
    await page.getByRole('button', { name: 'Quiero mi tarjeta' }).waitFor();
    await tabTo(page, page.getByRole('textbox', { name: 'Tu nombre' }));
    await page.keyboard.type('Carmen');
    await tabTo(page, page.getByRole('textbox', { name: 'Celular' }));
    await page.keyboard.type(newPhone().slice(3));
    await tabTo(page, page.getByLabel('Tengo 14 años o más.'));
    await page.keyboard.press('Space');
    // Enter, with a box still to tick: what is missing is said, and the focus is on it.
    const accept = page.getByRole('checkbox', { name: /^Acepto/ });
    await tabTo(page, page.getByRole('button', { name: 'Quiero mi tarjeta' }));
    await page.keyboard.press('Enter');
    await page.getByText('Marca esta casilla: sin ese permiso').waitFor();
    await isFocused(page, accept);
    await page.keyboard.press('Space');
    await tabTo(page, page.getByRole('button', { name: 'Quiero mi tarjeta' }));
    await page.keyboard.press('Enter');
    const heading = page.getByRole('heading', { name: 'Esta es tu tarjeta, Carmen' });
    await heading.waitFor();
    await isFocused(page, heading);
    await tabTo(page, page.getByRole('link', { name: 'Abrir mi tarjeta' }));
    await page.keyboard.press('Enter');
    await page.getByText('Te faltan 10 sellos').waitFor();
    await context.close();
  });

  test('is enough to stamp', async () => {
    await showToCamera(film, [rosa.card.code], FILM);
    const { page, context } = await person(browser, world.url, { viewport: DESKTOP });
    await page.goto((await pairingCode(world, shop)).pair_url);
    await page.getByRole('button', { name: 'Vincular' }).waitFor();
    await tabTo(page, page.getByRole('button', { name: 'Vincular' }));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: STAMPER.name }).waitFor();
    await tabTo(page, page.getByRole('button', { name: STAMPER.name }));
    await page.keyboard.press('Enter');
    await page.getByRole('group', { name: 'PIN' }).waitFor();
    await page.keyboard.type(STAMPER.pin);
    await page.keyboard.press('Enter');
    await isFocused(page, await cameraBrings(page, 'Rosa'));
    await tabTo(page, page.getByRole('button', { name: 'Sellar' }));
    await page.keyboard.press('Enter');
    await page.getByText('Listo, 1 sello.').waitFor();
    await context.close();
  });
});

const isOn = (locator) => locator.evaluate((element) => element === document.activeElement);

/** Tab, until the focus is there. */
async function tabTo(page, locator, most = 40) {
  for (let pressed = 0; pressed < most; pressed++) {
    if (await isOn(locator)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${most} times Tab did not reach ${locator}`);
}

/** The focus comes to it by itself. */
async function isFocused(page, locator) {
  const element = await locator.elementHandle();
  await page.waitForFunction((wanted) => document.activeElement === wanted, element);
}
