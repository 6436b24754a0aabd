// A campaign on the platform itself, with a demonstration's customers and simulated phones. Runs against a demonstration that is up
// already (SELLO_URL, and what `make run` printed: SELLO_EMAIL, SELLO_PASSWORD), and is left out where there is none.
import assert from 'node:assert/strict';
import { env } from 'node:process';
import { after, before, describe, test } from 'node:test';

import { isGood } from './support/axe.mjs';
import { launch, person } from './support/browser.mjs';
import { path } from './support/claims.mjs';

const { SELLO_URL: url, SELLO_EMAIL: email, SELLO_PASSWORD: password } = env;
const ROOM = '/panel/mensajes';
const DAY_MS = 86_400_000;

describe('a campaign on a running demonstration', { skip: !(url && email && password) && 'no demonstration is named' }, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  test('is written, scheduled, canceled, and sent', async (t) => {
    const { page, context, faults } = await person(browser, url, { reducedMotion: 'reduce' });
    t.after(() => context.close());
    const claim = path(t, () => [browser]);
    const seguir = () => page.getByRole('button', { name: 'Seguir', exact: true }).click();
    const name = `Prueba ${Date.now()}`;

    /** Up to the last screen but the time: everybody, with news, free where there is a wallet. */
    async function write() {
      await page.goto(`${ROOM}/nueva?para=everybody`);
      await page.getByText('Todos tus clientes.').waitFor();
      await page.getByText(/personas? lo recibirá/).waitFor();
      await seguir();
      await page.getByRole('radio', { name: /Novedades/ }).check({ force: true });
      await page.getByRole('textbox', { name: 'Novedades' }).first().fill('este jueves, dos cafés por uno');
      await seguir();
      await page.getByRole('heading', { name: '¿Por dónde le llega?' }).waitFor();
      await seguir();
      await page.getByRole('heading', { name: '¿Cuándo sale?' }).waitFor();
    }

    await claim('the owner signs in', async () => {
      await page.goto('/panel');
      await page.getByRole('textbox', { name: 'Correo' }).fill(email);
      await page.getByRole('textbox', { name: 'Contraseña' }).fill(password);
      await page.getByRole('button', { name: 'Entrar' }).click();
      await page.getByRole('heading', { name: 'Hoy', level: 1 }).waitFor();
    });

    await claim('one that is scheduled can be canceled before it leaves', async () => {
      await write();
      await page.getByRole('radio', { name: /Otro día/ }).check({ force: true });
      await page.locator('input[type=date]').fill(new Date(Date.now() + 2 * DAY_MS).toISOString().slice(0, 10));
      await page.locator('input[type=time]').fill('11:00');
      await seguir();
      await page.getByRole('textbox', { name: 'Nombre de la campaña' }).fill(`${name} programada`);
      await isGood(page);
      await page.getByRole('button', { name: /^Programar para/ }).click();
      await page.getByRole('heading', { name: `${name} programada`, level: 1 }).waitFor();
      await page.getByRole('button', { name: 'Cancelar campaña' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Sí, cancelar' }).click();
      await page.getByText('Cancelada', { exact: true }).first().waitFor();
    });

    await claim('one that is sent now shows how far it is', async () => {
      await write();
      await seguir();
      await page.getByRole('textbox', { name: 'Nombre de la campaña' }).fill(name);
      await page.getByRole('button', { name: /^Enviar a \d/ }).click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
      await page.getByRole('img', { name: /^Avance: / }).waitFor();
      await page.getByText(/^Aún no se sabe\./).waitFor();
      await page.goto(ROOM);
      await page.getByRole('link', { name: new RegExp(`^${name}\\b`) }).first().waitFor();
    });

    await claim('the other parts of the room open', async () => {
      for (const [address, title] of [['automatizaciones', 'Automáticos'], ['bandeja', 'Bandeja'], ['no-llegaron', 'No llegaron'], ['limites', 'Calidad y límites']]) {
        await page.goto(`${ROOM}/${address}`);
        await page.getByRole('heading', { name: title, level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        await isGood(page);
      }
    });
    assert.deepEqual(faults, []);
  });
});
