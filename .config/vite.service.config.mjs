import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/**
 * The service in one file, dist/main.js: read from the thousand files that it and its libraries consist of, a start takes
 * half as long again.
 */
export default {
  root: ROOT,
  publicDir: false,
  logLevel: 'warn',
  ssr: {
    noExternal: true,
    // What has native code or starts threads from files of its own; and what only PostgreSQL needs.
    external: ['libsql', 'piscina', 'pg'],
    // The files of a library that Node itself takes, as in the threads.
    resolve: { mainFields: [] },
  },
  build: {
    ssr: join(ROOT, 'src/main.ts'),
    outDir: join(ROOT, 'dist'),
    emptyOutDir: false,
    target: 'node20',
    sourcemap: true,
  },
};
