// A customer who holds her phone before the till's camera.
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';

import { qrVideo } from './qr-video.mjs';

/** Out of sight for longer than the till remembers a code, so that the film brings it as a new one each time. */
export const FILM = { seconds: 3, gap: 4 };

const MOST_TRIES = 5;

/** Puts another film into the fake camera; it is played by whoever opens the camera next. */
export async function showToCamera(film, codes, look) {
  // Renamed over the old one, which may be playing.
  await writeFile(`${film}.next`, codes.length ? qrVideo(codes, look) : qrVideo([undefined], { seconds: 1, gap: 0 }));
  await rename(`${film}.next`, film);
}

/** Waits until the till knows who it is. */
export async function cameraBrings(page, name) {
  const known = page.getByRole('heading', { name, exact: true });
  const unknown = page.getByRole('heading', { name: 'Tarjeta leída' });
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    await known.or(unknown).waitFor();
    if (await known.isVisible()) return known;
    // On a machine that is too busy the till takes a late answer for none; the film brings her again.
    await page.getByRole('button', { name: 'Volver a la cámara' }).click();
    await unknown.waitFor({ state: 'detached' });
  }
  assert.fail(`${MOST_TRIES} times the till did not hear from the server whose card it is`);
}
