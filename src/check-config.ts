import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { composeService } from './compose.js';
import { type Config, readConfig } from './config.js';
import { ServiceError } from './errors.js';
import { pathOf } from './feedback/database.js';
import type { FeedbackStore } from './feedback/feedback-store.js';
import { FOLDERS } from './folders.js';
import { createLog } from './log.js';
import { readAuditKey } from './operations/audit-key.js';
import { StartProblems } from './start-problems.js';

/**
 * Makes the checks of a start without listening, calling anybody or writing anything; answers what was found good.
 *
 * @throws ServiceError that names everything that is wrong
 */
export function checkConfig(read: () => Config, folders = FOLDERS): string[] {
  const problems = new StartProblems();
  const config = problems.attempt(read);
  // The knowledge is looked at all the same, with nothing of the site.
  const known = config ?? readConfig({});
  // Keys at an address would be fetched; those in files are part of the configuration.
  const service = problems.attempt(() =>
    composeService({ ...known, clientAuth: 'off' }, createLog('silent', { write: () => {} }), NO_STORE, folders),
  );
  if (config !== undefined) checkFiles(config, problems);
  const { services } = problems.complete({ ...service });
  return [
    'configuration',
    `knowledge and cards, ${services?.length ?? 0} services`,
    'not checked: whether the database, the addresses of keys and FHIR servers, and the ports can be had',
  ];
}

function checkFiles({ auditKeyFile, auditLog, databaseUrl }: Config, problems: StartProblems): void {
  const database = pathOf(databaseUrl);
  problems.attempt(() => readAuditKey(auditKeyFile));
  problems.attempt(() => {
    if (database !== undefined) refuseUnwritable('DATABASE_URL', database, true);
  });
  problems.attempt(() => {
    if (!['stdout', 'off'].includes(auditLog)) refuseUnwritable('AUDIT_LOG', auditLog, false);
  });
}

/** A file that is there must be one and open to us; for one that is not, its folder, which the store would make. */
function refuseUnwritable(setting: string, path: string, isFolderMade: boolean): void {
  const [place, isFile] = existsSync(path) ? [path, true] : [parentOf(path, isFolderMade), false];
  try {
    accessSync(place, isFile ? constants.R_OK | constants.W_OK : constants.W_OK | constants.X_OK);
    if (statSync(place).isDirectory() !== isFile) return;
  } catch {
    // Said below, without the path.
  }
  throw new ServiceError('invalid-config', `${setting}: the file cannot be opened and written`);
}

function parentOf(path: string, isFolderMade: boolean): string {
  const parent = dirname(resolve(path));
  return isFolderMade && !existsSync(parent) ? parentOf(parent, true) : parent;
}

const NO_STORE: FeedbackStore = {
  remember: () => {},
  record: () => Promise.resolve({ stored: 0, repeated: 0 }),
  summarise: () => Promise.resolve([]),
  close: () => Promise.resolve(),
};
