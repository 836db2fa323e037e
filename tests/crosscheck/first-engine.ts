import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Executor, Library, PatientSource } from 'cql-execution';
import { compileCql, readModelInfo } from '../../src/compile-cql.js';

/** The values of CQL expressions by our engine, as text; null when there is none. */
export async function valuesByFirst(expressions: readonly string[]): Promise<(string | null)[]> {
  const folder = mkdtempSync(join(tmpdir(), 'minimal-'));
  try {
    const defines = expressions.map((cql, index) => `define "E${index}": ${cql}`);
    writeFileSync(join(folder, 'Minimal.cql'), `library Minimal version '1'\n${defines.join('\n')}\n`);
    const { libraries, errors } = compileCql(folder, readModelInfo());
    if (errors.length > 0) throw new Error(errors.join('\n'));
    const source = new PatientSource([{ id: 'p', recordType: 'Patient' }]);
    const answer = await new Executor(new Library(libraries.get('Minimal'))).exec(source);
    const values: Record<string, unknown> = answer.unfilteredResults;
    return expressions.map((_, index) => textOf(values[`E${index}`]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function textOf(value: unknown): string | null {
  return value === undefined || value === null ? null : `${value as string | number | boolean}`;
}
