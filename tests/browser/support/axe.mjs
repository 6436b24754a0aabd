// What axe finds on a page as it stands, in both sizes and both themes, and whether anything is wider than the phone.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { DESKTOP, PHONE } from './browser.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const LONGEST_MOTION_MS = 5_000;

/** Fails with all that is wrong with the page; it is left in the size it came in. */
export async function isGood(page, { sizes = [PHONE, DESKTOP] } = {}) {
  const before = page.viewportSize();
  const found = [];
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(async (most) => {
        const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const settled = async () => {
          await painted();
          await Promise.allSettled(document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime)).map(({ finished }) => finished));
          await painted();
        };
        // An animation that is stopped half way never ends.
        await Promise.race([settled(), new Promise((done) => setTimeout(done, most))]);
      }, LONGEST_MOTION_MS);
      await page.evaluate(AXE);
      const violations = await page.evaluate(async (tags) => (await axe.run(document, { runOnly: tags, resultTypes: ['violations'] })).violations, WCAG_AA);
      for (const { id, nodes } of violations) {
        for (const { target, any, all, none } of nodes) found.push(`${size.width} px, ${colorScheme}: ${id}: ${target.join(' ')}: ${[...any, ...all, ...none].map(({ message }) => message).join('; ')}`);
      }
    }
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    if (wide > room) found.push(`${size.width} px: the page is ${wide} px wide`);
  }
  await page.setViewportSize(before);
  assert.deepEqual(found, []);
}
