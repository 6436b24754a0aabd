import type { Plugin } from 'vite';

const ROUTES: [RegExp, string][] = [
  [/^\/(\?|$)/, '/home.html'],
  [/^\/unete\/[^/]+/, '/join.html'],
  [/^\/t\/[^/]+/, '/card.html'],
  [/^\/caja(\/|\?|$)/, '/till.html'],
  [/^\/panel(\/|\?|$)/, '/panel.html'],
];

/** In development, answers the same paths with the same pages as the gateway does. */
export function pageRoutes(): Plugin {
  return {
    name: 'sello:routes',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const url = request.url ?? '/';
        // A page's own modules live under a folder of its name (/panel/main.ts); those are files, not routes.
        const isFile = /\.[a-z]+(\?|$)/.test(url);
        const page = isFile ? undefined : ROUTES.find(([path]) => path.test(url))?.[1];
        if (page) request.url = page + (url.match(/\?.*$/)?.[0] ?? '');
        next();
      });
    },
  };
}
