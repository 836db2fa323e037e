import { fileURLToPath } from 'node:url';
import type { AdviseParts } from './advise.js';
import type { BodyAnswer, BodyJob, ThreadData } from './advise-worker.js';
import type { HookName } from './cds-hooks.js';
import type { AskedFor } from './http/call-record.js';
import type { LargeBodies, LargeCall } from './http/large-body.js';
import { JobSlip } from './job-slip.js';
import { type FhirQuestion, relayAnswers } from './patient-data/relayed-server.js';
import { type ThreadEnd, WorkerPool } from './worker-pool.js';

const SCRIPT = fileURLToPath(new URL('../dist/advise-worker.js', import.meta.url));

/** From here on an answer keeps a thread for longer than others should wait; an explanation asks more. */
const LARGE = { advise: 1_000_000, explain: 200_000 };

/** Of the time a hook may take: how much of it a large body may wait for a thread, and keep it busy. */
const [WAITING, BUSY] = [0.25, 0.75];

/** Large explanations at once, and those that may wait. */
const EXPLAINED = { workers: 1, mostWaiting: 2 };

export interface AdviceWorkersOptions extends ThreadData {
  limits: { workers: number; hookDeadlineMs: number };
  openFhirServer: AdviseParts['openFhirServer'];
  onGathered: NonNullable<AdviseParts['onGathered']>;
  onInterpreted: (libraries: readonly string[]) => void;
  onLibraryFailed: (failure: { library: string; error: string }) => void;
  onThreadEnded: (reason: ThreadEnd) => void;
}

export interface AdviceWorkers extends LargeBodies {
  close(): Promise<void>;
}

/** Threads that answer request bodies as `advise` and `explain` do; the gateway to FHIR servers stays in this one. */
export function openAdviceWorkers(options: AdviceWorkersOptions): AdviceWorkers {
  const { advice, time, folders, limits, onThreadEnded } = options;
  const data: ThreadData = { advice, time, folders };
  const threads = { script: SCRIPT, data, onEnded: onThreadEnded, ...timesOf(limits) };
  const hooks = new WorkerPool<BodyJob, BodyAnswer>({ ...threads, workers: limits.workers });
  // Strangers may ask for explanations: they never take the threads of those who are known.
  const explanations = new WorkerPool<BodyJob, BodyAnswer>({ ...threads, ...EXPLAINED });
  const answer = async (body: Buffer, hook: HookName | undefined, call: LargeCall) => {
    const { signal, now, client, noteStage } = call;
    const pool = hook === undefined ? explanations : hooks;
    const relay = relayAnswers((named) => options.openFhirServer(named, signal, client));
    const slip = new JobSlip<AskedFor>();
    call.noteAsked?.(() => slip.noted);
    const begunAt = performance.now();
    const job = { body, now, ...(hook === undefined ? {} : { hook }) };
    const answered = await pool.run(job, {
      signal,
      transfer: isWhole(body) ? [body.buffer] : [],
      // as: only our own thread asks.
      answer: (question) => relay(question as FhirQuestion),
      slip,
    });
    const inThread = answered.stages.reduce((sum, [, ms]) => sum + ms, 0);
    noteStage?.('wait', performance.now() - begunAt - inThread);
    for (const [stage, ms] of answered.stages) noteStage?.(stage, ms);
    if (answered.gathered !== undefined) options.onGathered(answered.gathered);
    if (answered.interpreted.length > 0) options.onInterpreted(answered.interpreted);
    answered.failed.forEach(options.onLibraryFailed);
    return answered;
  };
  return {
    from: LARGE,
    advise: answer,
    explain: (body, call) => answer(body, undefined, call),
    close: async () => {
      await Promise.all([hooks.close(), explanations.close()]);
    },
  };
}

function timesOf({ hookDeadlineMs }: AdviceWorkersOptions['limits']) {
  return { waitMs: WAITING * hookDeadlineMs, busyMs: BUSY * hookDeadlineMs };
}

/** Small buffers share their memory with others. */
function isWhole(body: Buffer): body is Buffer<ArrayBuffer> {
  return body.byteLength === body.buffer.byteLength;
}
