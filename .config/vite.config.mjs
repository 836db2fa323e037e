import { join } from 'node:path';

const browser = join(import.meta.dirname, '../src/web/browser');

/** The browser side: three pages into dist/web/pages, with nothing in them that a strict content security policy refuses. */
export default {
  root: join(browser, 'pages'),
  // Relative, so that the service may stand under any path.
  base: './',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(import.meta.dirname, '../dist/web/pages'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: ['chrome111', 'firefox114', 'safari16.4'],
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'app.html', 'app/launch.html'].map((page) => join(browser, 'pages', page)),
    },
  },
  // Every browser we serve has fetch and Web Crypto, which fhirclient would otherwise bring along.
  define: { FHIRCLIENT_PURE: 'true' },
  resolve: { alias: { 'isomorphic-webcrypto': join(browser, 'smart/web-crypto.ts') } },
};
