import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(html|js|css|svg|json|webmanifest|wasm|txt)$/;
/** Below this a compressed sibling saves less than its headers cost. */
const SMALLEST_BYTES = 256;

/** Writes a `.br` and a `.gz` beside every text file of the build, so that the gateway never compresses. */
export function compress(): Plugin {
  let outDir = '';
  return {
    name: 'sello:compress',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
    },
    async closeBundle() {
      const files = await readdir(outDir, { recursive: true });
      await Promise.all(files.filter((name) => TEXT.test(name)).map((name) => writeSiblings(join(outDir, name))));
    },
  };
}

async function writeSiblings(path: string): Promise<void> {
  // What an earlier build left beside it, and nobody touched since, is right.
  const [made, kept] = await Promise.all([stat(path), stat(`${path}.gz`).catch(() => undefined)]);
  if (kept && kept.mtimeMs >= made.mtimeMs) return;
  const bytes = await readFile(path);
  if (bytes.length < SMALLEST_BYTES) return;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  const [small, old] = await Promise.all([
    promisify(brotliCompress)(bytes, quality),
    promisify(gzip)(bytes, { level: 9 }),
  ]);
  await Promise.all([writeFile(`${path}.br`, small), writeFile(`${path}.gz`, old)]);
}
