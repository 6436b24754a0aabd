import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { minify, type Plugin } from 'vite';

/** A service worker that keeps a page: its file in `public/`, the page's address and document, and what else it keeps. */
interface Shell {
  worker: string;
  address: string;
  document: string;
  also: string[];
}

/**
 * Writes, on top of each service worker, the files its page can ask for: `const SHELL = {version, files}`; and makes it small.
 * They are found as the browser would find them, by name in the text of the document, then of its scripts, so that a chunk, a
 * worker or a wasm loaded later is not forgotten. The version is a hash of all of them, so that a change of any is a new worker.
 */
export function shells(list: Shell[]): Plugin {
  let outDir = '';
  let publicDir = '';
  return {
    name: 'sello:shells',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
      publicDir = config.publicDir;
    },
    async writeBundle() {
      const assets = (await readdir(join(outDir, 'assets')).catch(() => [])).filter((name) => !/\.(br|gz)$/.test(name));
      for (const shell of list) await writeShell(publicDir, outDir, shell, assets);
    },
  };
}

async function writeShell(publicDir: string, outDir: string, { worker, address, document, also }: Shell, assets: string[]): Promise<void> {
  // Each build has some of these pages.
  const page = await readFile(join(outDir, document), 'utf8').catch(() => undefined);
  if (page === undefined) return;
  const hash = createHash('sha256').update(page);
  const reached = new Set<string>();
  const follow = async (text: string): Promise<void> => {
    for (const name of assets) {
      if (reached.has(name) || !text.includes(name)) continue;
      reached.add(name);
      const bytes = await readFile(join(outDir, 'assets', name));
      hash.update(bytes);
      if (/\.(js|css)$/.test(name)) await follow(bytes.toString());
    }
  };
  await follow(page);
  const source = await readFile(join(publicDir, worker), 'utf8');
  const files = [address, ...also, ...[...reached].toSorted().map((name) => `/assets/${name}`)];
  const shell = { version: hash.update(source).digest('hex').slice(0, 12), files };
  const { code } = await minify(worker, `const SHELL = ${JSON.stringify(shell)};\n${source}`);
  await writeFile(join(outDir, worker), code);
}
