import { afterEach, describe, expect, it } from '@jest/globals';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { Registry } from 'prom-client';
import { composeService } from '../../src/compose.js';
import { readConfig } from '../../src/config.js';
import { type Folders, FOLDERS } from '../../src/folders.js';
import { listen } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { readAuditKey } from '../../src/operations/audit-key.js';
import { patientView } from '../support/composed-service.js';
import { forgetfulStore } from '../support/forgetful-store.js';
import { postJson } from '../support/http-service.js';
import { condition, kidneyPatient, NOW } from '../support/kidney-patient.js';
import { changed, copyKnowledge, type KnowledgeCopy, throwingIn, WHOLE_NUMBER } from '../support/knowledge-copy.js';
import { padded, withoutFreshIds } from '../support/large-chart.js';
import { seriesIn, valueOf } from '../support/metrics.js';

const ILL = kidneyPatient('p', { calcium: 7.4, phosphate: 6.2, potassium: 2.7 });
/** A thread may be slow to start. */
const TIME_ENOUGH = '60000';

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

function copied(): KnowledgeCopy {
  const copy = copyKnowledge();
  open.push(copy.remove);
  return copy;
}

/** The whole service with its log and its metrics. */
async function start(folders: Folders = FOLDERS, deadlineMs = TIME_ENOUGH) {
  const config = readConfig({
    PORT: '0',
    ALLOW_EVALUATION_TIME: 'on',
    RATE_LIMIT_PER_MINUTE: '1000000',
    HOOK_DEADLINE_MS: deadlineMs,
    WORKERS: '1',
  });
  const registry = new Registry();
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const audit = { write: () => undefined, close: () => undefined };
  const operations = { registry, isReady: () => true, audit, auditKey: readAuditKey(undefined) };
  const composed = composeService(config, log, forgetfulStore(), folders, operations);
  const server = await listen(composed.app, config);
  open.unshift(async () => {
    await server.close();
    await composed.close();
  });
  const service = composed.services.find(({ hook }) => hook === 'patient-view')!;
  return {
    chart: (resources: readonly FhirResource[]) => patientView(service, resources, NOW),
    post: (chart: object, asSent = (body: string) => body) =>
      postJson(`${server.url}/cds-services/${service.id}`, asSent(JSON.stringify(chart))),
    counted: async (name: string, labels: Record<string, string> = {}) =>
      valueOf(seriesIn(await registry.metrics()), `renal_cramp_${name}`, labels),
    /** The lines of one event, without what all have. */
    logged: (event: string) =>
      lines
        .map((line): Record<string, unknown> => JSON.parse(line))
        .filter(({ msg }) => msg === event)
        .map(({ msg: _event, level: _level, time: _time, ...fields }) => fields),
  };
}

/** An expression that says what it said before, but asks for a number that a year of birth alone does not give. */
function askingTheAge(before: object): object {
  const age = { type: 'ExpressionRef', libraryName: 'Population', name: 'Age In Years' };
  const isUnknown = { type: 'IsNull', operand: { type: 'Add', operand: [age, WHOLE_NUMBER] } };
  return { type: 'If', condition: isUnknown, then: before, else: before };
}

/** For whoever has an age: whether one of ten numbers is wanted, ten times over for each; none is, and nobody waits for that. */
function endless(): object {
  const age = { type: 'ExpressionRef', libraryName: 'Population', name: 'Age In Years' };
  const expression = { type: 'List', element: Array.from({ length: 10 }, () => WHOLE_NUMBER) };
  let isWanted: object = { type: 'IsNull', operand: age };
  for (let place = 0; place < 10; place += 1) {
    const source = [{ alias: `N${place}`, expression }];
    isWanted = { type: 'Exists', operand: { type: 'Query', source, let: [], relationship: [], where: isWanted } };
  }
  const never = { type: 'If', condition: isWanted, then: { type: 'Null' }, else: { type: 'Null' } };
  return { type: 'If', condition: { type: 'IsNull', operand: age }, then: { type: 'Null' }, else: never };
}

const SIZES: [string, (body: string) => string][] = [
  ['a small body', (body) => body],
  ['a body that goes to a thread', padded],
];

describe('what happens in an evaluation is logged and counted once', () => {
  it.each(SIZES)('for %s: a library that throws', async (_size, asSent) => {
    const copy = copied();
    copy.edit('elm', 'LoopDiureticCalciumLoss.json', throwingIn('Finding'));
    const { post, chart, logged, counted } = await start(copy.folders);
    expect((await post(chart(ILL), asSent)).status).toBe(200);
    expect(logged('libraryFailed')).toEqual([{ library: 'LoopDiureticCalciumLoss', errors: ['Error'] }]);
    expect(await counted('library_failures_total', { library: 'LoopDiureticCalciumLoss' })).toBe(1);
    expect(await counted('library_failures_total', { library: 'other' })).toBe(0);
    // It was interpreted, but that was known at the start.
    expect(logged('librariesInterpreted')).toEqual([]);
    expect(await counted('library_interpreted_total', { library: 'LoopDiureticCalciumLoss' })).toBe(0);
  });

  it.each(SIZES)('for %s: a resource of another patient', async (_size, asSent) => {
    const { post, chart, counted } = await start();
    const request = chart(ILL);
    const answers = Object.values(request.prefetch);
    const bundle = answers.find((answer): answer is Bundle => answer?.resourceType === 'Bundle');
    const foreign = condition('q', 'cramp', { code: 'R25.2', display: 'Cramp and spasm' }, NOW.toISOString());
    bundle!.entry = [...(bundle!.entry ?? []), { resource: foreign }];
    expect((await post(request, asSent)).status).toBe(200);
    expect(await counted('foreign_resources_total')).toBe(1);
  });

  it.each(SIZES)('for %s: a library that was not compiled for a value', async (_size, asSent) => {
    const copy = copied();
    copy.edit('elm', 'Hypokalaemia.json', changed('Finding', askingTheAge));
    const compiledElm = copy.compile();
    const { post, chart, logged, counted } = await start({ ...copy.folders, compiledElm });
    const answerTo = async (resources: readonly FhirResource[]) =>
      withoutFreshIds(await (await post(chart(resources), asSent)).text());
    const answer = await answerTo(ILL);
    expect(answer).toContain('hypokalaemia');
    expect(logged('librariesInterpreted')).toEqual([]);
    const ofAYear = ILL.map((resource) =>
      resource.resourceType === 'Patient' ? { ...resource, birthDate: '1962' } : resource,
    );
    expect(await answerTo(ofAYear)).toBe(answer);
    expect(logged('librariesInterpreted')).toEqual([{ libraries: ['Hypokalaemia'] }]);
    expect(await counted('library_interpreted_total', { library: 'Hypokalaemia' })).toBe(1);
    expect(await counted('library_interpreted_total', { library: 'other' })).toBe(0);
    expect(logged('libraryFailed')).toEqual([]);
  });
});

describe('a thread', () => {
  it('that is ended for a job that keeps it busy is logged with the reason', async () => {
    const copy = copied();
    copy.edit('elm', 'Hypokalaemia.json', changed('Finding', endless));
    const compiledElm = copy.compile();
    const { post, chart, logged } = await start({ ...copy.folders, compiledElm }, '2000');
    const ageless = ILL.map((resource) =>
      resource.resourceType === 'Patient' ? { resourceType: 'Patient' as const, id: 'p' } : resource,
    );
    // The deadline may pass while the thread is still starting.
    while ((await post(chart(ageless), padded)).status !== 200);
    expect(logged('threadEnded')).toEqual([]);
    expect((await post(chart(ILL), padded)).status).toBe(503);
    expect(logged('threadEnded')).toEqual([{ reason: 'too-busy' }]);
  }, 60_000);

  it('tells how long its job waited and was parsed, beside what every hook tells', async () => {
    const { post, chart, counted } = await start();
    const timed = async () => {
      const stages = ['wait', 'parse', 'gather', 'evaluate', 'render'];
      return Promise.all(stages.map((stage) => counted('hook_stage_seconds_count', { stage })));
    };
    await post(chart(ILL));
    expect(await timed()).toEqual([0, 0, 1, 1, 1]);
    await post(chart(ILL), padded);
    expect(await timed()).toEqual([1, 1, 2, 2, 2]);
  });
});
