import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const root = join(import.meta.dirname, '../..');

/** The project's own rules; without type information, which the arrows do not need and which takes seconds. */
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: '.config/eslint.config.mjs',
  overrideConfig: {
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { parserOptions: { projectService: false } },
  },
});

/** The rules that hold the arrows and what they say of this one line in this file. */
async function complaints(file: string, line: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: join(root, 'src', file) });
  const messages = result!.messages.filter(({ ruleId }) => ruleId === null || ruleId.startsWith('no-restricted-'));
  return messages.map(({ ruleId, message }) => `${ruleId ?? 'not read'}: ${message}`);
}

const NEIGHBOUR = /^no-restricted-imports: .*A stage imports only its own folder and the ground floor/;
const POINTS_DOWN = /^no-restricted-imports: .*Imports only point down/;
const ASKS = /^no-restricted-imports: .*The pages import only each other/;
const NOT_MAIN = /^no-restricted-imports: .*main\.ts composes everything/;
const NEEDED = /^no-restricted-imports: .*A thread starts with what it needs/;
const TYPE_ONLY = /^no-restricted-imports: .*Only its types/;
const FHIR = /^no-restricted-imports: .*Only patient-data\/fhir-gateway\.ts talks to FHIR servers/;
const ENGINE = /^no-restricted-imports: .*in src\/reasoning know the engine/;
const TRANSLATOR = /^no-restricted-imports: .*only compile-cql\.ts knows the translator/;
const ENVIRONMENT = /^no-restricted-(imports|properties): .*Only config\.ts reads the environment/;
const HANDED_ON = /^no-restricted-syntax: A composer hands the environment to readConfig/;

const stages = ['http', 'patient-data', 'reasoning', 'cards', 'feedback', 'panel'];
const strangers = stages.flatMap((stage) => stages.filter((other) => other !== stage).map((other) => [stage, other]));

describe('import arrows', () => {
  it.each(strangers)('keeps %s from importing %s', async (stage, other) => {
    expect(await complaints(`${stage}/some-file.ts`, `import { x } from '../${other}/some-thing.js';`)).toEqual([
      expect.stringMatching(NEIGHBOUR),
    ]);
  });

  it.each(stages)('lets %s import its own folder and the ground floor', async (stage) => {
    const lines = ['./neighbour-file.js', '../cds-hooks.js', '../patient-record.js', '../errors.js', '../log.js'].map(
      (path, index) => `import { x${String(index)} } from '${path}';`,
    );
    expect(await complaints(`${stage}/some-file.ts`, lines.join('\n'))).toEqual([]);
  });

  it.each([
    ['http/service-call.ts', "import { advise } from '../advise.js';", TYPE_ONLY],
    ['http/feedback.ts', "import { openStore } from '../feedback/feedback-store.js';", TYPE_ONLY],
    ['http/feedback-body.ts', "import { openStore } from '../feedback/feedback-store.js';", TYPE_ONLY],
    ['operations/store-metrics.ts', "import { openFeedbackStore } from '../feedback/feedback-store.js';", TYPE_ONLY],
    ['operations/fhir-metrics.ts', "import { callOutcome } from '../patient-data/call-watch.js';", TYPE_ONLY],
    ['operations/record-metrics.ts', "import type { OpenedServer } from '../patient-data/fhir-gateway.js';", NEIGHBOUR],
    ['http/discovery.ts', "import type { FeedbackStore } from '../feedback/feedback-store.js';", NEIGHBOUR],
    ['cards/render-card.ts', "import { finding } from '../reasoning/finding.js';", TYPE_ONLY],
    ['cards/render-card.ts', "import type { Knowledge } from '../reasoning/knowledge.js';", NEIGHBOUR],
    ['patient-data/gather.ts', "import type { Finding } from '../reasoning/finding.js';", NEIGHBOUR],
    ['patient-data/gather.ts', "import type { Config } from '../config.js';", NEIGHBOUR],
    ['patient-data/gather.ts', "export { rank } from '../reasoning/rank.js';", NEIGHBOUR],
    ['patient-data/gather.ts', "export * from '../reasoning/rank.js';", NEIGHBOUR],
    [
      'patient-data/gather.ts',
      "import { x } from './../cards/x.js';",
      /^no-restricted-imports: .*Write the shortest path/,
    ],
    ['patient-data/deep/gather.ts', "import { x } from '../../cards/x.js';", NEIGHBOUR],
    ['reasoning/rank.ts', "import { evaluate } from './evaluate.js';", TYPE_ONLY],
    ['reasoning/rank.ts', "import type { Card } from '../cards/card.js';", NEIGHBOUR],
    ['policy.ts', "import { renderCard } from './cards/render-card.js';", POINTS_DOWN],
    ['advise.ts', "import { readPolicy } from './policy.js';", TYPE_ONLY],
    ['advise.ts', "import { app } from './http/app.js';", /advise\.ts tells the story in four calls/],
    ['advise.ts', "import { readConfig } from './config.js';", /advise\.ts tells the story in four calls/],
    ['web/app.ts', "import { start } from '../main.js';", NOT_MAIN],
    ['advise-worker.ts', "import { composeService } from './compose.js';", NEEDED],
    ['cli/panel-thread.ts', "import { composeService } from '../compose.js';", NEEDED],
    ['patient-record.ts', "import { advise } from './advise.js';", POINTS_DOWN],
    ['errors.ts', "import type { Finding } from './reasoning/finding.js';", POINTS_DOWN],
    ['config.ts', "import { gather } from './patient-data/gather.js';", POINTS_DOWN],
    ['cds-clients.ts', "import { readConfig } from './config.js';", POINTS_DOWN],
    ['compile-cql.ts', "import { evaluate } from './reasoning/evaluate.js';", POINTS_DOWN],
    ['fhir-model.ts', "import { FhirModel } from './reasoning/fhir-model-type.js';", TYPE_ONLY],
    ['compose.ts', "import { start } from './main.js';", NOT_MAIN],
    ['web/browser/why/why.tsx', "import type { Finding } from '../../../reasoning/finding.js';", ASKS],
    ['web/browser/why/why.tsx', "import { demoFhir } from '../../demo-fhir.js';", ASKS],
    ['web/browser/analytes.ts', "import { demoFhir } from '../demo-fhir.js';", ASKS],
    ['web/browser/why/why.tsx', "import { parseCdsRequest } from '../../../cds-hooks.js';", TYPE_ONLY],
    ['web/browser/why/why.tsx', "import FHIR from 'fhirclient';", /Only smart\/connect\.ts knows fhirclient/],
    ['web/browser/why/why.tsx', "import { marked } from 'marked';", /Only cards\/markdown\.ts/],
    ['compose.ts', 'const port = process.env.PORT;', ENVIRONMENT],
    ['http/app.ts', "import { composeService } from '../compose.js';", NEIGHBOUR],
    ['advise.ts', "import { composeService } from './compose.js';", /advise\.ts tells the story in four calls/],
    ['panel/run-panel.ts', "import { advise } from '../advise.js';", NEIGHBOUR],
    ['panel/run-panel.ts', "import type { Config } from '../config.js';", NEIGHBOUR],
    ['cli/explain.ts', "import { start } from '../main.js';", NOT_MAIN],
    ['patient-data/gather.ts', "import { Client } from 'fhir-kit-client';", FHIR],
    ['main.ts', "import { Client } from 'fhir-kit-client';", FHIR],
    ['reasoning/rank.ts', "import { Executor } from 'cql-execution';", ENGINE],
    ['main.ts', "import { Executor } from 'cql-execution';", ENGINE],
    ['advise.ts', "import cql from 'cql-execution/lib/cql.js';", ENGINE],
    ['reasoning/knowledge.ts', "import { CqlTranslator } from '@cqframework/cql/cql-to-elm';", TRANSLATOR],
    ['reasoning/knowledge.ts', "import { FHIRWrapper } from 'cql-exec-fhir';", TRANSLATOR],
    ['elm-compiler/compile-elm.ts', "import { evaluate } from '../reasoning/evaluate.js';", NEIGHBOUR],
    ['elm-compiler/compile-elm.ts', "import { DateTime } from 'cql-execution';", ENGINE],
    ['reasoning/elm-runtime/lists.ts', "import { gather } from '../../patient-data/gather.js';", NEIGHBOUR],
    ['compose.ts', "import { DateTime } from 'cql-execution';", ENGINE],
    ['main.ts', "import { UcumLhcUtils } from '@lhncbc/ucum-lhc';", TRANSLATOR],
    ['log.ts', 'export const level = process.env.LOG_LEVEL;', ENVIRONMENT],
    ['log.ts', "import { env } from 'node:process';", ENVIRONMENT],
    ['log.ts', 'const { env } = process;', ENVIRONMENT],
    ['log.ts', 'export const level = globalThis.process.env;', ENVIRONMENT],
    ['http/app.ts', "export const level = process.env['LOG_LEVEL'];", ENVIRONMENT],
    ['main.ts', 'const port = process.env.PORT;', HANDED_ON],
    ['cli/explain.ts', 'const port = process.env.PORT;', HANDED_ON],
    ['http/app.ts', "const module = await import('../reasoning/rank.js');", /^no-restricted-syntax: Import at the top/],
    ['http/app.ts', "let rank: import('../reasoning/rank.js').Rank;", /^no-restricted-syntax: Use `import type`/],
    ['http/app.ts', 'export default 1;', /^no-restricted-exports: /],
    ['http/app.ts', "export { default } from './discovery.js';", /^no-restricted-exports: /],
  ])('forbids in %s: %s', async (file, line, message) => {
    expect(await complaints(file, line)).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['http/service-call.ts', "import type { Advise } from '../advise.js';"],
    ['http/feedback.ts', "import type { FeedbackStore } from '../feedback/feedback-store.js';"],
    ['http/feedback-body.ts', "import type { FeedbackEvent } from '../feedback/feedback-store.js';"],
    ['operations/store-metrics.ts', "import type { StoreFailure } from '../feedback/feedback-store.js';"],
    ['operations/fhir-metrics.ts', "import type { CallOutcome } from '../patient-data/call-watch.js';"],
    ['cards/render-card.ts', "import type { Finding } from '../reasoning/finding.js';"],
    ['reasoning/rank.ts', "import type { Finding } from './finding.js';"],
    ['reasoning/rank.ts', "import type { Evaluation } from './evaluate.js';"],
    ['policy.ts', "import { rankingPolicySchema } from './reasoning/ranking-policy.js';"],
    ['policy.ts', "import { cardWordingSchema } from './cards/card-wording.js';"],
    ['advise.ts', "import type { Policy } from './policy.js';"],
    ['advise.ts', "import { gather } from './patient-data/gather.js';"],
    ['advise.ts', "import { evaluate } from './reasoning/evaluate.js';"],
    ['advise.ts', "import { renderCard } from './cards/render-card.js';"],
    ['elm-compiler/compile-elm.ts', "import { elmMark } from '../reasoning/elm-mark.js';"],
    ['reasoning/elm-runtime/lists.ts', "import { FhirObject } from '../fhir-object.js';"],
    ['reasoning/elm-runtime/times.ts', "import { DateTime } from 'cql-execution';"],
    ['main.ts', "import { app } from './http/app.js';"],
    ['main.ts', "import { composeService } from './compose.js';"],
    ['compose.ts', "import { createApp } from './http/app.js';"],
    ['compose.ts', "import { loadKnowledge } from './reasoning/knowledge.js';"],
    ['compose.ts', "import { advise } from './advise.js';"],
    ['main.ts', "import { openStore } from './feedback/feedback-store.js';"],
    ['main.ts', 'const config = readConfig(process.env);'],
    ['cli/explain.ts', "import { advise } from '../advise.js';"],
    ['cli/panel.ts', "import { runPanel } from '../panel/run-panel.js';"],
    ['cli/panel-thread.ts', "import { loadAdvice } from '../compose-advice.js';"],
    ['config.ts', 'export const port = process.env.PORT;'],
    ['config.ts', "import { env } from 'node:process';"],
    ['config.ts', "import { fhirServerUrl } from './fhir-server.js';"],
    ['config.ts', "import { readCdsClients } from './cds-clients.js';"],
    ['cds-clients.ts', "import { fhirServerEntry } from './fhir-server.js';"],
    ['compile-cql.ts', "import { CqlTranslator } from '@cqframework/cql/cql-to-elm';"],
    ['compile-cql.ts', "import { fhirModelFrom } from './fhir-model.js';"],
    ['fhir-model.ts', "import type { FhirModel } from './reasoning/fhir-model-type.js';"],
    ['patient-data/fhir-gateway.ts', "import { Client } from 'fhir-kit-client';"],
    ['reasoning/knowledge.ts', "import { Repository } from 'cql-execution';"],
    ['reasoning/record-source.ts', "import type { RecordObject } from 'cql-execution';"],
    ['reasoning/evaluate.ts', "import { PatientContext } from 'cql-execution';"],
    ['reasoning/fhir-time.ts', "import { DateTime } from 'cql-execution';"],
    ['http/app.ts', "import express from 'express';"],
  ])('allows in %s: %s', async (file, line) => {
    expect(await complaints(file, line)).toEqual([]);
  });
});
