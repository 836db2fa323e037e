import { ServiceError } from '../errors.js';

/** Codes of SQLite, PostgreSQL and the network, in words that say what to do; never the library's own, which may name a value. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(SQLITE_NOTADB|SQLITE_CORRUPT)/, 'the file is no database, or is damaged'],
  [/^SQLITE_BUSY/, 'the file is locked by another process'],
  [
    /^(SQLITE_CANTOPEN|SQLITE_READONLY|SQLITE_IOERR|EACCES|EROFS|EPERM|ENOTDIR|EISDIR|EEXIST)/,
    'the file cannot be opened and written',
  ],
  [/^(SQLITE_FULL|ENOSPC)/, 'the disk is full'],
  [/^ENOENT$/, 'there is no such file or socket'],
  [/^28/, 'the database server refuses the user or the password'],
  [/^3D000$/, 'the database server has no such database'],
  [/^(42501|25006)$/, 'the user may not create or write tables'],
  [/^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|57P|Error$)/, 'the database server cannot be reached'],
];

/** Why the store cannot be had at start, without anything of the URL. */
export function startProblem(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const reason = reasonOf(error);
  const [, words] = WORDS.find(([codes]) => codes.test(reason)) ?? [];
  return new ServiceError('invalid-config', `DATABASE_URL: ${words ?? `the store cannot be used (${reason})`}`, {
    cause: error,
  });
}

/** The code of the database or of the network; its message may hold values and is never used. */
export function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  // A host with several addresses fails once for each.
  if ('errors' in error && Array.isArray(error.errors)) return reasonOf(error.errors[0]);
  if ('code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{3,40}$/.test(error.code)) return error.code;
  return error.constructor.name;
}
