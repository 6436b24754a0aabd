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
];
const PAGES = ['home', 'join', 'card', 'till', 'panel'];

// The gallery is for us, not for the people who use Sello: it is served by `npm run dev`, and built apart,
// so that nothing of it reaches the image.
export default defineConfig(({ mode }) => {
  const gallery = mode === 'gallery';
  const entries = gallery ? ['gallery'] : PAGES;
  return {
    root: here('src/pages'),
    publicDir: here('public'),
    resolve: { alias: { $lib: here('src/lib') } },
    plugins: [
      svelte({ configFile: here('svelte.config.js') }),
      pageRoutes(),
      shells(SHELLS),
      ...(gallery ? [] : [posterFonts()]),
      compress(),
    ],
    build: {
      outDir: here(gallery ? 'dist-gallery' : 'dist'),
      emptyOutDir: true,
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
