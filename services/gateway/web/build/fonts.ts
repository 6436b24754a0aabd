import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const FACE = new URL('../node_modules/@expo-google-fonts/besley/', import.meta.url);
/** What the gateway draws posters with, and the licence (OFL 1.1) that goes wherever they go. */
const FILES = {
  'fonts/Besley_800ExtraBold.ttf': '800ExtraBold/Besley_800ExtraBold.ttf',
  'fonts/Besley_500Medium.ttf': '500Medium/Besley_500Medium.ttf',
  'fonts/LICENSE.txt': 'LICENSE_FONT',
};

/** Puts the posters' fonts into the build. No page loads them. */
export function posterFonts(): Plugin {
  return {
    name: 'sello:poster-fonts',
    apply: 'build',
    async generateBundle() {
      for (const [fileName, path] of Object.entries(FILES)) {
        const source = await readFile(fileURLToPath(new URL(path, FACE)));
        this.emitFile({ type: 'asset', fileName, source });
      }
    },
  };
}
