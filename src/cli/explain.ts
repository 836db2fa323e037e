import { parseArgs } from 'node:util';
import { z } from 'zod';
import { plainText } from '../cards/escape-markdown.js';
import type { CdsRequest } from '../cds-hooks.js';
import { loadAdvice } from '../compose-advice.js';
import { type Config, readConfig } from '../config.js';
import { ServiceError, type ServiceErrorCode } from '../errors.js';
import { explainRequest } from '../explain.js';
import { FOLDERS } from '../folders.js';
import { explanationText } from './explanation-text.js';
import { readPatientFile } from './patient-file.js';

const USAGE = 'Usage: npm run explain -- BUNDLE.json [--now INSTANT] [--hook HOOK] [--patient ID]';
const EXIT_BAD_INPUT = 2;
const BAD_INPUT: readonly ServiceErrorCode[] = ['malformed-request', 'data-not-available'];

interface Options {
  path: string;
  now: Date | undefined;
  hook: string | undefined;
  patientId: string | undefined;
}

/** The cards of one record as text, every finding with its points, and every other rule with the reason. */
async function explainFile({ path, now, hook, patientId }: Options, config: Config): Promise<string> {
  const { engine, siteCodesFile, timeZone, publicBaseUrl } = config;
  const settings = { engine, timeZone, publicBaseUrl, launchingServers: [] };
  const parts = loadAdvice(siteCodesFile === undefined ? settings : { ...settings, siteCodesFile }, FOLDERS);
  const { policy, queries } = parts;
  const request = readPatientFile(path, { hook, patientId, queries });
  const call = { signal: new AbortController().signal, now: now ?? evaluationTime(request) };
  const { explanation, record, today } = await explainRequest(request, call, parts);
  const head = `Patient ${record.patientId}, ${request.hook}, ${call.now.toISOString()}, knowledge ${policy.version}`;
  return explanationText(explanation, {
    head,
    wording: policy.wording,
    possible: policy.ranking.possible,
    today,
  });
}

function evaluationTime(request: CdsRequest): Date {
  return request.evaluationTime === undefined ? new Date() : new Date(request.evaluationTime);
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: { now: text, hook: text, patient: text } }),
  );
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new ServiceError('malformed-request', USAGE);
  return { path, now: readInstant(values.now), hook: values.hook, patientId: values.patient };
}

function parsed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (cause) {
    throw new ServiceError('malformed-request', USAGE, { cause });
  }
}

function readInstant(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return new Date(text);
  throw new ServiceError('malformed-request', `--now ${text} is no instant such as 2026-05-17T12:00:00Z.`);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  process.stdout.write(await explainFile(options, readConfig(process.env)));
}

main().catch((error: unknown) => {
  const isOurs = error instanceof ServiceError;
  const message = isOurs ? plainText(error.message, Infinity) : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${message}\n`);
  process.exitCode = isOurs && BAD_INPUT.includes(error.code) ? EXIT_BAD_INPUT : 1;
});
