#!/usr/bin/env node
import { plainText } from '../cards/escape-markdown.js';
import { readConfig } from '../config.js';
import { ServiceError, type ServiceErrorCode } from '../errors.js';
import { PANEL_USAGE, panel } from './panel.js';

const EXIT_BAD_INPUT = 2;
const BAD_INPUT: readonly ServiceErrorCode[] = ['malformed-request', 'data-not-available', 'fhir-request-failed'];

async function main(): Promise<void> {
  const [command, ...args] = process.argv.slice(2);
  if (command !== 'panel') throw new ServiceError('malformed-request', PANEL_USAGE);
  await panel(args, readConfig(process.env));
}

main().catch((error: unknown) => {
  const isOurs = error instanceof ServiceError;
  const message = isOurs
    ? error.message
        .split('\n')
        .map((line) => plainText(line, Infinity))
        .join('\n')
    : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${message}\n`);
  process.exitCode = isOurs && BAD_INPUT.includes(error.code) ? EXIT_BAD_INPUT : 1;
});
