import { workerData } from 'node:worker_threads';
import { advise, type AdviseParts } from './advise.js';
import { type CdsRequest, type HookName, parseCdsRequest } from './cds-hooks.js';
import { type AdviceSettings, explainForPages, loadAdvice } from './compose-advice.js';
import type { AdviceFolders } from './folders.js';
import { type AskedFor, askedFor, type HookCall, type HookStage } from './http/call-record.js';
import { parseExplainRequest } from './http/explain-call.js';
import { parseJson } from './http/read-body.js';
import { evaluationTime, type EvaluationTimeSettings } from './http/service-call.js';
import { type ShownCard, shownCard } from './http/shown-card.js';
import { relayedServer } from './patient-data/relayed-server.js';
import { type Desk, threadWork } from './worker-thread.js';

/** What each thread is started with. */
export interface ThreadData {
  advice: AdviceSettings;
  time: EvaluationTimeSettings;
  folders: AdviceFolders;
}

/** A body as the client sent it, of a hook or for an explanation. */
export interface BodyJob {
  body: Uint8Array;
  hook?: HookName;
  /** When the request does not say it, or may not. */
  now: Date;
}

export interface BodyAnswer {
  /** JSON. */
  text: string;
  asked: AskedFor;
  cards: readonly ShownCard[];
  /** What the record lacks; absent where nobody counts it. */
  gathered?: Gathered;
  /** Milliseconds. */
  stages: [stage: HookStage, ms: number][];
  interpreted: readonly string[];
  /** Libraries that could not be run, and the class names of what they threw. */
  failed: { library: string; error: string }[];
}

// as: the one place that starts this module gives it that.
const { advice, time, folders } = workerData as ThreadData;
const parts = loadAdvice(advice, folders);
const explain = explainForPages(parts);

/** Does all of a request but what the main thread keeps: who asks, the FHIR servers, what is logged and stored. */
export const work = threadWork(async ({ body, hook, now }: BodyJob, desk: Desk): Promise<BodyAnswer> => {
  const laps = stopwatch();
  const json = parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  const request = hook === undefined ? parseExplainRequest(json) : parseCdsRequest(json, hook);
  const asked = askedFor(request);
  desk.note(asked);
  laps.note('parse');
  const call = { signal: desk.signal, now: evaluationTime(request, time) ?? now, noteStage: laps.note };
  const answer = hook === undefined ? await explained(request, call) : await advised(request, call, desk);
  laps.note('render');
  return { ...answer, asked, stages: laps.stages };
});

type Gathered = Parameters<NonNullable<AdviseParts['onGathered']>>[0];
type Answered = Omit<BodyAnswer, 'asked' | 'stages'>;

async function advised(request: CdsRequest, call: HookCall, { ask }: Desk): Promise<Answered> {
  const server = await relayedServer(request, ask);
  let interpreted: readonly string[] = [];
  let gathered: Gathered | undefined;
  const failed: BodyAnswer['failed'] = [];
  const answer = await advise(request, call, {
    ...parts,
    openFhirServer: () => server,
    onGathered: (had) => {
      gathered = had;
    },
    onInterpreted: (libraries) => {
      interpreted = libraries;
    },
    onLibraryFailed: ({ library, cause }) => {
      failed.push({ library, error: cause instanceof Error ? cause.name : typeof cause });
    },
  });
  return {
    text: JSON.stringify(answer),
    cards: answer.cards.map(shownCard),
    interpreted,
    failed,
    ...(gathered === undefined ? {} : { gathered }),
  };
}

async function explained(request: CdsRequest, call: HookCall): Promise<Answered> {
  return { text: JSON.stringify(await explain(request, call)), cards: [], interpreted: [], failed: [] };
}

function stopwatch(): { note: (stage: HookStage) => void; stages: BodyAnswer['stages'] } {
  const stages: BodyAnswer['stages'] = [];
  let since = performance.now();
  const note = (stage: HookStage) => {
    const now = performance.now();
    stages.push([stage, now - since]);
    since = now;
  };
  return { note, stages };
}
