import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // For the state that lives in *.svelte.ts; no component is mounted here.
  plugins: [svelte({ configFile: here('svelte.config.js') })],
  resolve: { alias: { $lib: here('src/lib') } },
  test: { include: ['src/**/*.test.ts'] },
});
