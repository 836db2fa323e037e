import { parentPort, workerData } from 'node:worker_threads';
import { advise } from '../advise.js';
import { gapText } from '../cards/render-detail.js';
import { type AdviceSettings, loadAdvice } from '../compose-advice.js';
import type { CdsRequest, HookName } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import { FOLDERS } from '../folders.js';
import type { Chart, ChartEntry } from '../panel/chart.js';
import { judgeChart } from '../panel/judge-chart.js';
import { judgeWork } from '../panel/judge-work.js';
import type { Understanding } from '../panel/not-understood.js';
import type { FromThread } from '../panel/thread-pool.js';
import type { Judged, Work } from '../panel/work.js';
import { patientIdOf } from '../patient-data/belongs-to-patient.js';
import { withIngredientNames } from '../patient-data/medication-name.js';
import { onAServer, recordRequest } from '../patient-data/record-request.js';
import { canonicalUnit } from '../patient-data/units.js';
import type { Gap } from '../patient-record.js';
import type { Knowledge } from '../reasoning/knowledge.js';

/** What the command settled for all its threads. */
export interface PanelThreadData {
  advice: AdviceSettings;
  /** An instant; undefined: as of each record. */
  now: string | undefined;
  isReport: boolean;
}

/** The parts of the service, put together as for a hook, without a server to call. */
function judgeParts({ advice, now, isReport }: PanelThreadData) {
  const loaded = loadAdvice(advice, FOLDERS);
  const { knowledge, queries } = loaded;
  const parts = {
    ...loaded,
    openFhirServer: () => undefined,
    onInterpreted: () => undefined,
    // A card of its own says that a check could not be run.
    onLibraryFailed: () => undefined,
  };
  const { signal } = new AbortController();
  return {
    advise: async (request: CdsRequest, at: Date) => {
      const notChecked: string[] = [];
      const onGathered = ({ gaps }: { gaps: readonly Gap[] }) => {
        notChecked.push(...gaps.map((gap) => gapText(gap, loaded.policy.wording)));
      };
      const { cards } = await advise(request, { signal, now: at }, { ...parts, onGathered });
      return { cards, notChecked };
    },
    requestFor: (chart: Chart, hook: HookName, drafts: readonly ChartEntry[]) =>
      recordRequest(
        { patient: chart.patient, entries: chart.entries, hook, drafts, userId: 'Practitioner/panel' },
        queries,
      ),
    now: now === undefined ? undefined : new Date(now),
    report: isReport ? understandingOf(knowledge) : undefined,
  };
}

function understandingOf({ valueSets, requirements, ingredientNames }: Knowledge): Understanding {
  const codes = [...valueSets.values()].flatMap((set) => set.codes);
  const keys = new Set(codes.map(({ system, code }) => `${system}|${code}`));
  return {
    types: new Set(requirements.map(({ resourceType }) => resourceType)),
    systems: new Set(codes.map(({ system }) => system)),
    isUsed: ({ system, code }) => keys.has(`${String(system)}|${String(code)}`),
    unitOf: canonicalUnit,
    isNamed: (concept) => withIngredientNames(concept, ingredientNames) !== concept,
  };
}

function listen(data: PanelThreadData): void {
  const parts = judgeParts(data);
  const reading = { onAServer, patientIdOf };
  parentPort?.on('message', (work: Work) => {
    // What a chart makes it throw is a row; anything else ends the thread, and with it the run.
    void judgeWork(work, { reading, judge: (chart, tally) => judgeChart(chart, tally, parts) }).then((result) => {
      say({ result });
    });
  });
  say({ ready: true });
}

function say(message: FromThread<Judged>): void {
  parentPort?.postMessage(message);
}

try {
  // The command wrote it.
  listen(workerData as PanelThreadData);
} catch (error) {
  if (!(error instanceof ServiceError)) throw error;
  say({ failed: { code: error.code, message: error.message } });
}
