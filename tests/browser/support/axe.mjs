// What axe finds on a page as it stands, in both sizes and both themes, and whether anything is wider than the phone or too
// small for a thumb.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { DESKTOP, PHONE } from './browser.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const LONGEST_MOTION_MS = 5_000;
const LEAST_TARGET_PX = 48;

/** Fails with all that is wrong with the page; it is left in the size it came in. */
export async function isGood(page, { sizes = [PHONE, DESKTOP] } = {}) {
  assert.deepEqual(await faultsOf(page, { sizes }), []);
}

/** All that is wrong with the page, in words; it is left in the size it came in. */
export async function faultsOf(page, { sizes = [PHONE, DESKTOP] } = {}) {
  const before = page.viewportSize();
  const found = [];
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await settled(page);
      let faults = await faultsOfAxe(page);
      // Chromium, when it is busy, leaves a colour of the other theme on words that inherit it: what is drawn anew is what counts.
      if (faults.some((fault) => fault.startsWith('color-contrast'))) {
        await page.evaluate(() => {
          const { style } = document.documentElement;
          style.display = 'none';
          void document.body.offsetHeight;
          style.removeProperty('display');
        });
        await settled(page);
        faults = await faultsOfAxe(page);
      }
      found.push(...faults.map((fault) => `${size.width} px, ${colorScheme}: ${fault}`));
    }
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    if (wide > room) found.push(`${size.width} px: the page is ${wide} px wide`);
    found.push(...(await tooSmall(page)).map((fault) => `${size.width} px: ${fault}`));
  }
  await page.setViewportSize(before);
  return found;
}

/** What is to be touched is 48 px each way; words within a sentence are as large as the sentence. */
const tooSmall = (page) =>
  page.evaluate((least) => {
    const found = [];
    for (const element of document.querySelectorAll('a[href], button, summary, select, textarea, input, [role="button"], [role="tab"], [role="switch"]')) {
      const style = getComputedStyle(element);
      // A link may fill the line that it stands in.
      const after = getComputedStyle(element, '::after');
      const isWide = after.content !== 'none' && after.position === 'absolute' && after.inset === '0px' && style.position === 'static';
      const fills = isWide ? element.offsetParent : undefined;
      const touched = fills ?? element.closest('label') ?? element;
      const box = touched.getBoundingClientRect();
      const isSeen = touched.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && box.width > 1 && box.height > 1;
      if (!isSeen || element.closest('[inert], [aria-hidden="true"]') || (style.display === 'inline' && !fills) || element.type === 'hidden') continue;
      if (box.height < least || box.width < least) {
        found.push(`${element.tagName.toLowerCase()} "${(element.innerText || element.ariaLabel || element.name || '').trim().slice(0, 30)}" is ${Math.round(box.width)} × ${Math.round(box.height)} px`);
      }
    }
    return found;
  }, LEAST_TARGET_PX - 0.5);

/** Painted, and nothing on its way from one colour to another. */
export const settled = (page) =>
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

async function faultsOfAxe(page) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async (tags) => (await axe.run(document, { runOnly: tags, resultTypes: ['violations'] })).violations, WCAG_AA);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) => `${id}: ${target.join(' ')}: ${[...any, ...all, ...none].map(({ message }) => message).join('; ')}`));
}
