import { closeSync, openSync } from 'node:fs';
import { ServiceError } from '../errors.js';
import { type LineWriter, lineWriter } from './line-writer.js';

/** Where audit records go: one JSON line each. */
export interface AuditLog {
  /** Never throws. */
  write(record: object): void;
  close(): void;
}

export interface AuditLogParts {
  standardOutput: LineWriter;
  /** Told how many records could not be written; hooks go on. */
  onLost: (lines: number) => void;
}

const INFORMATION = 30;

/** Whoever runs the service may read it, and nobody else. */
const OWNER_ONLY = 0o600;

/**
 * Opens the audit log at `stdout`, among the other log lines, at a file, which is only ever added to, or nowhere (`off`).
 *
 * @throws ServiceError `invalid-config` when the file cannot be opened
 */
export function openAuditLog(place: string, { standardOutput, onLost }: AuditLogParts): AuditLog {
  if (place === 'off') return { write: () => {}, close: () => {} };
  if (place === 'stdout') return writingTo(standardOutput, () => {});
  const file = opened(place);
  return writingTo(lineWriter(file, onLost), () => {
    closeSync(file);
  });
}

/** Lines like those of the log, with its level of information. */
function writingTo(lines: LineWriter, close: () => void): AuditLog {
  return {
    write: (record) => {
      lines.write(`${JSON.stringify({ level: INFORMATION, time: new Date().toISOString(), ...record })}\n`);
    },
    close,
  };
}

function opened(path: string): number {
  try {
    return openSync(path, 'a', OWNER_ONLY);
  } catch (cause) {
    throw new ServiceError('invalid-config', 'AUDIT_LOG: the file cannot be opened and written', { cause });
  }
}
