// Pictures of every page and its main states, phone and desktop, light and dark, for people to look at: into shots/.
//
//     SELLO_EMAIL=… SELLO_PASSWORD=… SELLO_STAMPER=… SELLO_PIN=… SELLO_CARD=… node screens.mjs [url] [es|en] [only]
//
// Runs against a demonstration (`make run` prints what the variables want; SELLO_CARD is the address of a customer's card). It
// pairs a till of its own and unpairs it at the end, undoes the one stamp it gives, and signs a second, empty business up.
// `only` is a part of the names of the states that are wanted.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';

import { DESKTOP, launch, person, PHONE, SHOTS } from './support/browser.mjs';
import { FILM, showToCamera } from './support/camera.mjs';
import { demonstration } from './support/demonstration.mjs';
import { lateFor, LINKS, TROUBLED, withArt, withDeliveries, withWallets } from './support/wallets.mjs';
import { PASSWORD } from './support/world.mjs';

const [url = 'http://127.0.0.1:8080', lang = 'es', only = ''] = argv.slice(2);
const shown = await demonstration(url);
const { business, card, stamper } = shown;
const SIZES = { phone: PHONE, desktop: DESKTOP };
const THEMES = ['light', 'dark'];

const wanted = (name) => name.includes(only);
const folder = await mkdtemp(join(tmpdir(), 'sello-screens-'));
const film = join(folder, 'camera.y4m');
await mkdir(SHOTS, { recursive: true });
await showToCamera(film, []);

const browser = await launch({ film });
const options = { locale: lang === 'en' ? 'en' : 'es-PE', reducedMotion: 'reduce' };

/** One picture in each size and theme; `whole` takes what must be scrolled to as well. */
async function shoot(page, name, { whole = true, sizes = Object.keys(SIZES), themes = THEMES } = {}) {
  if (!wanted(name)) return;
  // A phone's scrollbars lie over the page and take none of its width.
  await page.addStyleTag({ content: 'html { scrollbar-gutter: auto !important }' });
  for (const size of sizes) {
    const { width, height } = SIZES[size];
    await page.setViewportSize({ width, height });
    // A taller window and not a longer picture, so that what is fixed to its foot stays there.
    if (whole) await page.setViewportSize({ width, height: Math.max(height, await page.evaluate(() => document.documentElement.scrollHeight)) });
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(SHOTS, `${name}-${size}-${colorScheme}.png`), animations: 'disabled' });
    }
  }
  await page.setViewportSize(PHONE);
  console.log(name);
}

/** A part of the pages with a browser of its own. One that fails says so, and the others go on. */
async function part(name, work, more = {}) {
  if (only && !only.startsWith(name) && !name.startsWith(only)) return;
  const visitor = await person(more.browser ?? browser, url, { ...options, ...more });
  visitor.context.setDefaultTimeout(20_000);
  try {
    await work(visitor.page, visitor);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    await visitor.page.screenshot({ path: join(SHOTS, `${name}-failed.png`) }).catch(() => {});
    process.exitCode = 1;
  }
  for (const fault of visitor.faults) console.error(`${name}: ${fault}`);
  await visitor.context.close();
}

await part('home', async (page) => {
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await shoot(page, 'home');
});

await part('join', async (page) => {
  await page.goto(`/unete/${business.slug}`);
  const button = page.locator('form button[type=submit]');
  await button.waitFor();
  await shoot(page, 'join-form');
  await button.click();
  await page.locator('[aria-invalid=true]').first().waitFor();
  await shoot(page, 'join-missing');
  const [name, phone] = await page.locator('form input:not([type=checkbox])').all();
  await name.fill('Rosa');
  await phone.fill('987654321');
  for (let at = 0; at < 3; at++) await page.locator('input[type=checkbox]').nth(at).check({ force: true });
  await page.locator('input[type=checkbox]').nth(3).check({ force: true });
  await page.locator('summary').first().click();
  await shoot(page, 'join-filled');
  await page.route('**/api/v1/enrollments', (route) => route.fulfill({ json: { known: true, recover: ['till'] } }));
  await button.click();
  await page.locator('ol li').first().waitFor();
  await shoot(page, 'join-known');
  await page.unroute('**/api/v1/enrollments');
  await page.route('**/api/v1/enrollments', (route) => route.fulfill({ status: 201, json: joinedAnswer() }));
  await page.goto(`/unete/${business.slug}`);
  await button.waitFor();
  for (let at = 0; at < 2; at++) await page.locator('input[type=checkbox]').nth(at).check({ force: true });
  await name.fill('Rosa');
  await phone.fill('987654321');
  await button.click();
  await page.locator('a[href^="/t/"]').first().waitFor();
  await shoot(page, 'join-done');
  await page.goto(`/unete/${business.slug}`);
  await page.locator('a[href^="/t/"]').first().waitFor();
  await shoot(page, 'join-here');
  await page.goto('/unete/no-existe');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await shoot(page, 'join-unknown');
});

function joinedAnswer() {
  const { id, cycle, stamps_required, total, version } = card.card;
  return {
    customer_id: card.card.customer_id,
    card: { id, code: card.code, stamps: 0, stamps_required, cycle, total, version, holder_token: card.holder, web_url: card.address, ...LINKS },
    program: card.program,
    referral_url: card.referral_url,
    marketing: 'pending',
  };
}

await part('card', async (page, { context }) => {
  await page.goto(card.address);
  const code = page.locator('article button.small');
  await code.waitFor();
  // What lies below the card comes when one comes near it.
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.locator('main li > button').first().waitFor();
  await shoot(page, 'card');
  await code.click();
  await page.locator('dialog[open]').waitFor();
  await shoot(page, 'card-code', { whole: false });
  await page.keyboard.press('Escape');
  for (const [at, name] of ['keep', 'data', 'new-code'].entries()) {
    await page.locator('main li > button').nth(at).click();
    await page.locator('dialog[open]').waitFor();
    await shoot(page, `card-${name}`, { whole: false });
    await page.keyboard.press('Escape');
  }
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.locator('.notice.offline').waitFor();
  await shoot(page, 'card-offline');
  await context.setOffline(false);
});

await part('card', async (page) => {
  await page.goto('/t/mia');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await shoot(page, 'card-none');
  await page.goto('/t/0190a000-0000-7000-8000-000000000000');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await shoot(page, 'card-elsewhere');
});

await part('card-wallets', async (page) => {
  await withWallets(page);
  await page.goto(card.address);
  await page.locator('.wallets a').first().waitFor();
  await shoot(page, 'card-wallets');
}, { serviceWorkers: 'block' });

const TILL = lang === 'en' ? 'Pictures' : 'Retratos';
await part('till', async (page, { context }) => {
  await page.goto('/caja');
  await page.locator('form button[type=submit]').waitFor();
  await shoot(page, 'till-pairing');
  await shown.pair(page, TILL);
  await shoot(page, 'till-who');
  await page.getByRole('button', { name: stamper }).click();
  for (const digit of '0000') await page.locator('.pad').getByRole('button', { name: digit, exact: true }).click();
  await shoot(page, 'till-pin');
  for (let at = 0; at < 4; at++) await page.keyboard.press('Backspace');
  await shown.enter(page);
  await page.locator('.camera .window.on').waitFor();
  await shoot(page, 'till-counter', { whole: false });
  await page.locator('.search').click();
  await page.locator('dialog[open] input').fill('rosa');
  await page.locator('dialog[open] .person, dialog[open] .empty').first().waitFor();
  await shoot(page, 'till-search', { whole: false });
  await page.locator('dialog[open] .link').first().click({ timeout: 2_000 }).catch(() => {});
  await page.locator('dialog[open] .code').waitFor();
  await shoot(page, 'till-link', { whole: false });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('.counter > header button').click();
  await page.locator('dialog[open] dl').waitFor();
  await shoot(page, 'till-settings', { whole: false });
  await page.keyboard.press('Escape');

  // The card comes before the camera; the page opens it anew when it is loaded.
  await page.evaluate(() => navigator.serviceWorker.ready);
  await showToCamera(film, [card.code], FILM);
  await page.reload();
  const act = page.locator('.act .huge button');
  await page.locator('.visit p.count').waitFor();
  await shoot(page, 'till-scanned', { whole: false });
  if (await act.isEnabled()) {
    await act.click();
    await page.locator('.undo .back').waitFor();
    // It goes back to the camera by itself: there is time for one.
    await shoot(page, 'till-stamped', { whole: false, sizes: ['phone'], themes: ['light'] });
    await page.locator('.undo .back').click();
    await page.locator('.undo .notice').waitFor();
    await shoot(page, 'till-undone', { whole: false });
  }
  await context.setOffline(true);
  await page.locator('.bar .notice.offline').waitFor();
  await page.locator('.visit .empty').waitFor();
  await shoot(page, 'till-offline-scanned', { whole: false });
  await act.click();
  await shoot(page, 'till-offline-stamped', { whole: false, sizes: ['phone'], themes: ['light'] });
  await page.locator('.undo .back').first().click();
  await context.setOffline(false);
});

await part('panel', async (page) => {
  await page.goto('/panel');
  await page.locator('input[type=email]').waitFor();
  await shoot(page, 'panel-login');
  await page.goto('/panel/recuperar');
  await page.locator('input[type=email]').waitFor();
  await shoot(page, 'panel-recover');
  await page.goto('/panel');
  await page.locator('input[type=email]').fill(shown.email);
  await page.locator('input[type=password]').fill(shown.password);
  await page.locator('form button[type=submit]').click();
  await page.locator('.roll').waitFor();
  await page.locator('.state.on').waitFor();
  await shoot(page, 'panel-today');
  await visit(page, '/panel/clientes', '#room a[href^="/panel/clientes/"]', 'panel-customers');
  await visit(page, `/panel/clientes/${card.card.customer_id}`, '#room article', 'panel-customer');
  await visit(page, '/panel/mensajes', '#room h1', 'panel-campaigns');
  for (const step of ['quienes', 'mensaje', 'por-donde', 'cuando', 'revisar']) await visit(page, `/panel/mensajes/nueva?paso=${step}`, '#campaign', `panel-campaign-${step}`);
  await visit(page, '/panel/mensajes/automatizaciones', '#room article', 'panel-automations');
  if (wanted('panel-automation-on')) {
    await page.goto('/panel/mensajes/automatizaciones');
    await page.locator('#room article [role=switch][aria-checked=false]').first().click();
    await page.locator('dialog[open] .large').waitFor();
    await shoot(page, 'panel-automation-on', { whole: false });
  }
  await visit(page, '/panel/mensajes/bandeja', '#room h1', 'panel-inbox');
  await visit(page, '/panel/mensajes/no-llegaron', '#room h1', 'panel-failed');
  await visit(page, '/panel/mensajes/limites', '#room section', 'panel-limits');
  await visit(page, '/panel/programa', '#program', 'panel-program');
  await visit(page, '/panel/programa/nuevo', '#program', 'panel-program-new');
  await visit(page, '/panel/equipo', '#room li', 'panel-team');
  await visit(page, '/panel/equipo?ver=cajas', '#room li', 'panel-tills');
  await visit(page, '/panel/equipo?ver=locales', '#room li', 'panel-places');
  await visit(page, '/panel/equipo?ver=quien', '#room li', 'panel-audit');
  await visit(page, '/panel/afiche', 'figure image', 'panel-poster');
  await visit(page, '/panel/billeteras', '#room article', 'panel-wallets');
  await visit(page, '/panel/ajustes', '#room form', 'panel-settings');
  await visit(page, '/panel/mas', '#room a', 'panel-more', { sizes: ['phone'] });
  await withDeliveries(page, { wallets: TROUBLED, late: lateFor(card.card.customer_id) });
  await visit(page, '/panel/billeteras', '#room li a', 'panel-wallets-late');
  await visit(page, '/panel', '.roll', 'panel-today-late', { whole: false });
  await withArt(page, { isAway: true });
  await visit(page, '/panel/programa', '.pass article', 'panel-program-away');
});

async function visit(page, path, sign, name, how) {
  if (!wanted(name)) return;
  await page.goto(path);
  await page.locator(sign).first().waitFor();
  await page.waitForLoadState('networkidle');
  await shoot(page, name, how);
}

await part('panel-empty', async (page) => {
  await page.goto('/panel/registro');
  const [shop, name, mail] = await page.locator('form input').all();
  await shop.fill(lang === 'en' ? 'New shop' : 'Peluquería Nueva');
  await name.fill('Ana');
  await mail.fill(`ana-${Date.now()}@nueva.pe`);
  await page.locator('input[type=password]').fill(PASSWORD);
  await shoot(page, 'panel-empty-signup');
  await page.locator('form button[type=submit]').click();
  await page.locator('ol li.numbers').first().waitFor();
  await shoot(page, 'panel-empty-codes');
  await page.locator('input[type=checkbox]').check({ force: true });
  await page.locator('.ways button').last().click();
  await page.locator('.begin').waitFor();
  await shoot(page, 'panel-empty-today');
  await visit(page, '/panel/clientes', '#room .empty', 'panel-empty-customers');
  await visit(page, '/panel/programa', '#program', 'panel-empty-program');
  await visit(page, '/panel/equipo?ver=cajas', '#room .empty', 'panel-empty-tills');
});

// The demonstration's phones are there where their wallets are.
await part('phones', async (page) => {
  const answer = await page.goto('/telefonos');
  if (!answer?.ok()) return;
  await page.locator('.pass').first().waitFor();
  await shoot(page, 'phones');
  await page.goto(`/mensajes?numero=987654321&texto=${encodeURIComponent('¿Abren los domingos?')}`);
  await page.locator('#sender:not(:empty)').waitFor();
  await shoot(page, 'phones-chat');
});

await browser.close();
const strict = await launch({ camera: true });
await part('till-refused', async (page) => {
  await shown.pair(page, TILL);
  await page.getByRole('button', { name: stamper }).click();
  await shown.enter(page);
  await page.locator('.trouble').waitFor();
  await shoot(page, 'till-refused', { whole: false });
}, { browser: strict });
await strict.close();
await shown.unpair();
await rm(folder, { recursive: true });
