// Fails when a page weighs more than it may: its html, and every script and style the html asks for at once,
// brotli-compressed. What a page loads later (the till's scanner, a panel section) is not in the first load.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const BUDGET_KB = { home: 60, join: 60, card: 60, till: 120, panel: 200 };

const weigh = (path) => statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;

let failed = false;
for (const [page, limit] of Object.entries(BUDGET_KB)) {
  const html = `${dist}/${page}.html`;
  const assets = [...readFileSync(html, 'utf8').matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  const bytes = weigh(html) + [...new Set(assets)].reduce((sum, path) => sum + weigh(dist + path), 0);
  const over = bytes > limit * 1000;
  failed ||= over;
  console.log(`${page.padEnd(6)} ${(bytes / 1000).toFixed(1).padStart(6)} KB of ${limit}, ${assets.length + 1} files${over ? '  TOO HEAVY' : ''}`);
}
process.exit(failed ? 1 : 0);
