import { DateTime, type Library, NullMessageListener, PatientContext, type PatientObject } from 'cql-execution';
import type { PatientRecord } from '../patient-record.js';
import type { Finding } from './finding.js';
import { FINDING_EXPRESSION, type Knowledge } from './knowledge.js';
import type { Moment } from './moment.js';
import { readFinding } from './read-finding.js';
import { openRecord } from './record-source.js';

/** What the knowledge concluded, and which of its libraries could not be run. */
export interface Evaluation {
  findings: Finding[];
  /** Libraries that threw: what they would have said is not known. */
  failed: { library: string; cause: unknown }[];
}

interface Run {
  patient: PatientObject;
  knowledge: Knowledge;
  parameters: Record<string, unknown>;
  now: DateTime;
  contexts: Map<Library, SharedContext>;
}

/**
 * Evaluates every library over one patient's record. Each runs on its own: one that throws costs only itself and what
 * reads it.
 *
 * @throws ServiceError `data-not-available` when the record holds no patient
 */
export async function evaluate(knowledge: Knowledge, record: PatientRecord, moment: Moment): Promise<Evaluation> {
  const run: Run = {
    patient: openRecord(knowledge.recordModel, record.resources, {
      patientId: record.patientId,
      offsetMinutes: moment.offsetMinutes,
    }),
    knowledge,
    parameters: parametersOf(record),
    now: DateTime.fromJSDate(moment.now, moment.offsetMinutes / 60),
    contexts: new Map(),
  };
  const evaluation: Evaluation = { findings: [], failed: [] };
  for (const [name, library] of knowledge.libraries) {
    try {
      const finding = readFinding(name, await answerOf(library, run));
      if (finding !== undefined) evaluation.findings.push(finding);
    } catch (cause) {
      evaluation.failed.push({ library: name, cause });
    }
  }
  return evaluation;
}

/** Never empty: the engine takes the type of a list parameter from its members. */
function parametersOf(record: PatientRecord): Record<string, string[]> {
  return {
    'Encounter In Context': [record.encounterId ?? 'none'],
    'Orders In Context': ['none', ...record.ordersInContext],
    'Drafts To Judge': ['none', ...record.draftsToJudge],
  };
}

async function answerOf(library: Library, run: Run): Promise<unknown> {
  const context = run.contexts.get(library) ?? new SharedContext(library, run);
  return library.expressions[FINDING_EXPRESSION]?.execute(context);
}

/**
 * The engine evaluates an included library once per include path; sharing each library's context within a request
 * evaluates it once. Guarded by a test that compares the answers with plain executors.
 */
class SharedContext extends PatientContext {
  readonly #run: Run;

  constructor(library: Library, run: Run) {
    super(library, run.patient, run.knowledge.codeService, run.parameters, run.now, new NullMessageListener());
    this.#run = run;
    run.contexts.set(library, this);
  }

  override getLibraryContext(alias: string): SharedContext {
    // The engine types includes loosely; they are the libraries our repository resolved.
    const library = this.library.includes[alias] as Library;
    return this.#run.contexts.get(library) ?? new SharedContext(library, this.#run);
  }
}
