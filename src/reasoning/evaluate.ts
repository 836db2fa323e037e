import { DateTime, type Expression, Library, NullMessageListener, PatientContext } from 'cql-execution';
import { ServiceError } from '../errors.js';
import type { PatientRecord } from '../patient-record.js';
import type { ElmNode } from './elm-library.js';
import { CompiledRun } from './elm-runtime/compiled-run.js';
import type { Library as CompiledLibrary } from './elm-runtime/library.js';
import { NotCompiled } from './elm-runtime/not-compiled.js';
import type { Finding } from './finding.js';
import { FINDING_EXPRESSION, type Knowledge } from './knowledge.js';
import type { Moment } from './moment.js';
import { readFinding } from './read-finding.js';
import { openRecord, type RecordSource } from './record-source.js';

/** No definition of ours has such a name. */
const ASKED = ':asked';

/** What the knowledge concluded, and which of its libraries could not be run. */
export interface Evaluation {
  findings: Finding[];
  /** Libraries that threw: what they would have said is not known. */
  failed: { library: string; cause: unknown }[];
  /** Libraries that the interpreter ran, because they are not compiled or met a value they are not compiled for. */
  interpreted: string[];
}

/** One patient's record at one moment: every question put to it shares what was computed before. */
export interface Run {
  patient: RecordSource;
  knowledge: Knowledge;
  parameters: Record<string, unknown>;
  now: DateTime;
  contexts: Map<Library, SharedContext>;
}

/** @throws ServiceError `data-not-available` when the record holds no patient */
export function openRun(knowledge: Knowledge, record: PatientRecord, moment: Moment): Run {
  return {
    patient: openRecord(knowledge.recordModel, record.resources, {
      patientId: record.patientId,
      offsetMinutes: moment.offsetMinutes,
      newestOnly: { lookBacks: knowledge.lookBacks, now: moment.now },
    }),
    knowledge,
    parameters: parametersOf(record),
    now: DateTime.fromJSDate(moment.now, moment.offsetMinutes / 60),
    contexts: new Map(),
  };
}

/**
 * Evaluates every library over one patient's record. Each runs on its own: one that throws costs only itself and what
 * reads it. What is compiled runs compiled; the rest, and what meets a value it was not compiled for, is interpreted.
 *
 * @throws ServiceError `data-not-available` when the record holds no patient
 */
export async function evaluate(knowledge: Knowledge, record: PatientRecord, moment: Moment): Promise<Evaluation> {
  const run = openRun(knowledge, record, moment);
  const { now, parameters, patient } = run;
  const compiled = new CompiledRun({ record: patient, now, parameters });
  return evaluated(run, (name) => {
    const library = knowledge.compiled.get(name);
    return library === undefined ? interpreted : compiledAnswer(compiled.library(library));
  });
}

/** The same with the interpreter alone. */
export async function evaluateRun(run: Run): Promise<Evaluation> {
  return evaluated(run, () => interpreted);
}

/** The answer of a library that must be interpreted. */
const interpreted = Symbol('interpreted');

async function evaluated(run: Run, compiledAnswerOf: (name: string) => unknown): Promise<Evaluation> {
  const evaluation: Evaluation = { findings: [], failed: [], interpreted: [] };
  for (const [name, library] of run.knowledge.libraries) {
    try {
      let answer = compiledAnswerOf(name);
      if (answer === interpreted) {
        evaluation.interpreted.push(name);
        answer = await answerOf(library, run);
      }
      const finding = readFinding(name, answer);
      if (finding !== undefined) evaluation.findings.push(finding);
    } catch (cause) {
      evaluation.failed.push({ library: name, cause });
    }
  }
  return evaluation;
}

function compiledAnswer(library: CompiledLibrary): unknown {
  try {
    return library.answer(FINDING_EXPRESSION);
  } catch (error) {
    if (error instanceof NotCompiled) return interpreted;
    throw error;
  }
}

/**
 * The value of one ELM expression that stands in a library: an engine value, null when it is not known.
 *
 * @throws whatever the engine throws
 */
export async function valueIn(run: Run, library: string, expression: ElmNode): Promise<unknown> {
  const home = run.knowledge.everyLibrary.get(library)?.runnable;
  if (home === undefined) throw new ServiceError('invalid-knowledge', `There is no library ${library}.`);
  // The engine makes expressions of a library's statements only: this one is never included anywhere.
  const statement = { name: ASKED, expression };
  const asked = new Library({ library: { identifier: { id: library }, statements: { def: [statement] } } });
  const value: unknown = await expressionOf(asked, ASKED)?.execute(contextOf(home, run));
  return value ?? null;
}

/** Never empty: the engine takes the type of a list parameter from its members. */
function parametersOf(record: PatientRecord): Record<string, string[]> {
  return {
    'Encounter In Context': [record.encounterId ?? 'none'],
    'Orders In Context': ['none', ...record.ordersInContext],
    'Drafts To Judge': ['none', ...record.draftsToJudge],
  };
}

function answerOf(library: Library, run: Run): Promise<unknown> | undefined {
  return expressionOf(library, FINDING_EXPRESSION)?.execute(contextOf(library, run));
}

function expressionOf(library: Library, name: string): Expression | undefined {
  // Typed loosely by the engine.
  return (library.expressions as Record<string, Expression | undefined>)[name];
}

function contextOf(library: Library, run: Run): SharedContext {
  return run.contexts.get(library) ?? new SharedContext(library, run);
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
    const includes = this.library.includes as Record<string, Library>;
    return contextOf(includes[alias] as Library, this.#run);
  }
}
