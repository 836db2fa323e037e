import { parseArgs } from 'node:util';
import { z } from 'zod';
import { readConfig } from '../config.js';
import { ServiceError } from '../errors.js';
import { summariseStore, type SummaryQuery } from '../feedback/feedback-store.js';
import { REPORT_FORMATS, type ReportFormat, reportText } from './report-text.js';

const USAGE =
  'Usage: npm run feedback:report -- [--since YYYY-MM-DD] [--until YYYY-MM-DD] [--by day|week|all] [--format table|json|csv]';
const EXIT_BAD_INPUT = 2;
const EXIT_BAD_CONFIG = 78;

const options = z.strictObject({
  since: z.iso.date().exactOptional(),
  until: z.iso.date().exactOptional(),
  by: z.enum(['day', 'week', 'all']).default('week'),
  format: z.enum(REPORT_FORMATS).default('table'),
});

/** What became of the cards of some days; dates are in UTC, both included. */
function readOptions(args: readonly string[]): { query: SummaryQuery; format: ReportFormat } {
  const parsed = options.safeParse({ ...valuesOf(args) });
  if (!parsed.success) throw new ServiceError('malformed-request', USAGE);
  const { format, ...query } = parsed.data;
  return { query, format };
}

function valuesOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ args: [...args], options: { since: text, until: text, by: text, format: text } }).values;
  } catch (cause) {
    throw new ServiceError('malformed-request', USAGE, { cause });
  }
}

async function main(): Promise<void> {
  const { query, format } = readOptions(process.argv.slice(2));
  const { databaseUrl } = readConfig(process.env);
  process.stdout.write(reportText(await summariseStore(databaseUrl, query), format));
}

main().catch((error: unknown) => {
  const isOurs = error instanceof ServiceError;
  const message = isOurs ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${message ?? ''}\n`);
  process.exitCode = !isOurs ? 1 : error.code === 'malformed-request' ? EXIT_BAD_INPUT : EXIT_BAD_CONFIG;
});
