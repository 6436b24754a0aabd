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
      await settled(page);
      let faults = await faultsOf(page);
      // Chromium, when it is busy, leaves a colour of the other theme on words that inherit it: what is drawn anew is what counts.
      if (faults.some((fault) => fault.startsWith('color-contrast'))) {
        await page.evaluate(() => {
          const { style } = document.documentElement;
          style.display = 'none';
          void document.body.offsetHeight;
          style.removeProperty('display');
        });
        await settled(page);
        faults = await faultsOf(page);
      }
      found.push(...faults.map((fault) => `${size.width} px, ${colorScheme}: ${fault}`));
    }
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    if (wide > room) found.push(`${size.width} px: the page is ${wide} px wide`);
  }
  await page.setViewportSize(before);
  assert.deepEqual(found, []);
}

/** Painted, and nothing on its way from one colour to another. */
const settled = (page) =>
  page.evaluate(async (most) => {
    const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const ended = async () => {
      await painted();
      await Promise.allSettled(document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime)).map(({ finished }) => finished));
      await painted();
    };
    // An animation that is stopped half way never ends.
    await Promise.race([ended(), new Promise((done) => setTimeout(done, most))]);
  }, LONGEST_MOTION_MS);

async function faultsOf(page) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async (tags) => (await axe.run(document, { runOnly: tags, resultTypes: ['violations'] })).violations, WCAG_AA);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) => `${id}: ${target.join(' ')}: ${[...any, ...all, ...none].map(({ message }) => message).join('; ')}`));
}
