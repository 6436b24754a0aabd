// The three pictures of the README, from a demonstration: into deploy/pictures/.
//
//     SELLO_EMAIL=… SELLO_PASSWORD=… SELLO_STAMPER=… SELLO_PIN=… SELLO_CARD=… node pictures.mjs [url]
//
// It stamps some cards, so that the panel has something to tell: not for a shop's own data.
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

import { DESKTOP, launch, person, PHONE } from './support/browser.mjs';
import { cameraBrings, FILM, showToCamera } from './support/camera.mjs';
import { demonstration } from './support/demonstration.mjs';

const PICTURES = fileURLToPath(new URL('../../deploy/pictures/', import.meta.url));
/** Customers whose stamps the panel tells of. */
const VISITORS = 9;

const [url = 'http://127.0.0.1:8080'] = argv.slice(2);
const shown = await demonstration(url);
const folder = await mkdtemp(join(tmpdir(), 'sello-pictures-'));
const film = join(folder, 'camera.y4m');
await mkdir(PICTURES, { recursive: true });
await showToCamera(film, [shown.card.code], FILM);
const browser = await launch({ film });
const phone = { viewport: PHONE, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const take = (page, name) => page.screenshot({ path: join(PICTURES, name), animations: 'disabled' });

const owner = (await person(browser, url, { viewport: DESKTOP })).page;
await owner.goto('/panel');
await owner.locator('input[type=email]').fill(shown.email);
await owner.locator('input[type=password]').fill(shown.password);
await owner.locator('form button[type=submit]').click();
await owner.locator('.state.on').waitFor();
await owner.locator('.further svg').first().waitFor();
const { items } = await shown.ask('GET', `/api/v1/customers?limit=${VISITORS}`);
for (const { cards } of items) await shown.ask('POST', '/api/v1/stamps', { operation: randomUUID(), body: { card_id: cards[0].id, count: 1 } });
await owner.locator('.roll li').nth(VISITORS - 1).waitFor();
await take(owner, 'panel.png');

const hers = (await person(browser, url, phone)).page;
await hers.goto(shown.card.address);
await hers.locator('article button.small').waitFor();
await take(hers, 'card.png');

const till = (await person(browser, url, phone)).page;
await shown.pair(till, 'Mostrador');
await till.getByRole('button', { name: shown.stamper }).click();
await shown.enter(till);
await cameraBrings(till, shown.card.customer.first_name);
await take(till, 'till.png');

await browser.close();
await shown.unpair();
await rm(folder, { recursive: true });
