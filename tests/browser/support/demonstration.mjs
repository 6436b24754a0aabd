// A running demonstration: how to get into it, from the environment, and a till of one's own there for a while.
import { env, exit } from 'node:process';

import { api } from './world.mjs';

/** `make run` prints what the variables want; SELLO_CARD is the address of a customer's card. */
export async function demonstration(url) {
  const { SELLO_EMAIL: email, SELLO_PASSWORD: password, SELLO_STAMPER: stamper, SELLO_PIN: pin, SELLO_CARD: cardAddress } = env;
  if (!email || !password || !stamper || !pin || !cardAddress) {
    console.error('Set SELLO_EMAIL, SELLO_PASSWORD, SELLO_STAMPER, SELLO_PIN and SELLO_CARD to what `make run` printed.');
    exit(1);
  }
  const { access_token: token } = await api(url, 'POST', '/api/v1/auth/login', { body: { email, password } });
  const ask = (method, path, more) => api(url, method, path, { token, ...more });
  const { business } = await ask('GET', '/api/v1/me');
  const [, cardId, holder] = /\/t\/([^#]+)#(.+)$/.exec(cardAddress) ?? [];
  const card = await api(url, 'GET', `/api/v1/cards/${cardId}`, { token: holder, scheme: 'Card' });
  const before = new Set((await ask('GET', '/api/v1/devices')).items.map(({ id }) => id));

  return {
    email,
    password,
    stamper,
    ask,
    business,
    card: { ...card, address: cardAddress, holder },

    /** Makes the page a till of the first location, where the demonstration's people work. */
    async pair(page, name) {
      const { items: locations } = await ask('GET', '/api/v1/locations');
      const { pair_url } = await ask('POST', '/api/v1/devices', { body: { location_id: locations[0]?.id } });
      await page.goto(pair_url);
      await page.locator('form input').first().fill(name);
      await page.locator('form button[type=submit]').click();
      await page.getByRole('button', { name: stamper }).waitFor();
    },

    async enter(page) {
      await page.keyboard.type(pin);
      await page.locator('.pin > button').last().click();
    },

    /** Takes away the tills that were paired meanwhile. */
    async unpair() {
      for (const { id } of (await ask('GET', '/api/v1/devices')).items) if (!before.has(id)) await ask('DELETE', `/api/v1/devices/${id}`);
    },
  };
}
