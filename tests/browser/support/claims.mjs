// A path of claims, each standing on those before it: after one that fails the rest are left out, for they could not hold.
import { photograph } from './browser.mjs';

/** A claim that waits for what never comes fails, rather than have everybody wait for it. In milliseconds. */
const LONGEST = 300_000;

/** `claim(name, work)` for the steps of one test; `browsers` gives those to be photographed when one fails. */
export function path(t, browsers) {
  let broken;
  return (name, work) =>
    t.test(name, { timeout: LONGEST, skip: broken && `an earlier claim failed: ${broken}` }, async (step) => {
      try {
        await work(step);
      } catch (error) {
        broken = name;
        const file = `failed-${t.name}-${name}`.normalize('NFD').replace(/[^\w]+/g, '-').slice(0, 120);
        await Promise.all(browsers().map((browser) => photograph(browser, file)));
        throw error;
      }
    });
}
