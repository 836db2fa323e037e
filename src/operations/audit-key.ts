import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ServiceError } from '../errors.js';

const SHORTEST = 32;

/**
 * The secret in the file, without blanks around it; without a file a new one, so that hashes of two runs cannot be compared.
 *
 * @throws ServiceError `invalid-config`
 */
export function readAuditKey(file: string | undefined): Buffer {
  if (file === undefined) return randomBytes(SHORTEST);
  const text = readText(file).trim();
  if (text.length < SHORTEST)
    throw new ServiceError('invalid-config', `AUDIT_KEY: the file must hold at least ${SHORTEST} characters`);
  return Buffer.from(text);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ServiceError('invalid-config', 'AUDIT_KEY: the file cannot be read', { cause });
  }
}
