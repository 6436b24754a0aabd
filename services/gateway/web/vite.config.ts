import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

import { compress } from './build/compress';
import { posterFonts } from './build/fonts';
import { pageRoutes } from './build/routes';
import { shells } from './build/shells';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
// What a page keeps for offline use beside its own files.
const SHELLS = [
  { worker: 'sw-caja.js', address: '/caja', document: 'till.html', also: ['/manifest-caja.webmanifest', '/icon.svg', '/icon-192.png'] },
  { worker: 'sw-card.js', address: '/t/mia', document: 'card.html', also: ['/icon.svg'] },
];
// Built apart, the first two into the same `dist/`: whoever joins and holds a card is on a slow phone, and gets of the framework
// only what those two pages use, in few files. The gallery is for us; nothing of it reaches the image.
const BUILDS: Record<string, string[]> = {
  house: ['home', 'till', 'panel'],
  customers: ['join', 'card'],
  gallery: ['gallery'],
};

export default defineConfig(({ mode }) => {
  const gallery = mode === 'gallery';
  const house = mode === 'house';
  const entries = BUILDS[mode] ?? Object.values(BUILDS).flat();
  return {
    root: here('src/pages'),
    publicDir: here('public'),
    resolve: { alias: { $lib: here('src/lib') } },
    plugins: [
      svelte({ configFile: here('svelte.config.js') }),
      pageRoutes(),
      shells(SHELLS),
      ...(house ? [posterFonts()] : []),
      compress(),
    ],
    build: {
      outDir: here(gallery ? 'dist-gallery' : 'dist'),
      // The house comes first, the customers after it.
      emptyOutDir: house || gallery,
      copyPublicDir: house || gallery,
      modulePreload: { polyfill: false },
      // A strict CSP and an immutable cache both want files, not data URLs.
      assetsInlineLimit: 0,
      rolldownOptions: { input: entries.map((name) => here(`src/pages/${name}.html`)) },
    },
    server: {
      fs: { allow: [here('.')] },
      proxy: { '/api': { target: process.env.SELLO_API ?? 'http://127.0.0.1:8080', ws: true } },
    },
  };
});
