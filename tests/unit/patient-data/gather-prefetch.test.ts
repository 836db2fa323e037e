import { describe, expect, it } from '@jest/globals';
import type { OpenedServer } from '../../../src/patient-data/fhir-gateway.js';
import {
  bundle,
  condition,
  full,
  gathered,
  idsOf,
  lab,
  outcome,
  pageOf,
  patient,
  requestWith,
  serverWith,
  withNext,
} from '../../support/gathered.js';

describe('what was prefetched', () => {
  it('makes the record, and an empty Bundle or null means that there is none', async () => {
    const record = await gathered(
      requestWith({ ...full, labs: null }, { context: { userId: 'x/1', patientId: 'p1', encounterId: 'e1' } }),
    );
    expect(record).toEqual({
      patientId: 'p1',
      patient,
      resources: [patient, condition],
      encounterId: 'e1',
      ordersInContext: [],
      draftsToJudge: [],
      gaps: [],
    });
  });

  it('is named as not provided where a key is absent and no server may be asked', async () => {
    const { conditions, ...rest } = full;
    expect(conditions).toBeDefined();
    expect((await gathered(requestWith(rest))).gaps).toEqual([
      { kind: 'not-had', resourceType: 'Condition', reason: 'not-provided' },
    ]);
  });

  it.each([
    ['at the top', outcome],
    ['as the only entry', bundle(outcome)],
  ])('failed where an OperationOutcome stands %s, and is not asked again', async (_, conditions) => {
    const { asked, server } = serverWith({ Condition: pageOf(condition) });
    const record = await gathered(requestWith({ ...full, conditions }), server);
    expect(record.gaps).toEqual([{ kind: 'not-had', resourceType: 'Condition', reason: 'failed' }]);
    expect(asked).toEqual([]);
  });

  it('is not in full where an OperationOutcome stands among resources', async () => {
    const record = await gathered(requestWith({ ...full, conditions: bundle(condition, outcome) }));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([{ kind: 'incomplete', resourceType: 'Condition' }]);
  });

  it('takes an entry of search mode outcome neither for a resource nor for a failure', async () => {
    const advice = { resourceType: 'Bundle', total: 0, entry: [{ resource: outcome, search: { mode: 'outcome' } }] };
    const record = await gathered(requestWith({ ...full, conditions: advice }));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Observation/o1']);
    expect(record.gaps).toEqual([]);
  });

  it.each([['text'], [[condition]], [condition], [7], [{ resourceType: 'Bundle', entry: 'none' }]])(
    'is unreadable where %j stands for a Bundle',
    async (conditions) => {
      expect((await gathered(requestWith({ ...full, conditions }))).gaps).toEqual([
        { kind: 'unreadable', resourceType: 'Condition', count: 1 },
      ]);
    },
  );

  it('keeps what can be read beside malformed entries, which are counted', async () => {
    const labs = {
      resourceType: 'Bundle',
      entry: [null, {}, { resource: [] }, { resource: { id: 'x' } }, { resource: lab('o2') }],
    };
    const record = await gathered(requestWith({ ...full, labs }));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o2']);
    expect(record.gaps).toEqual([{ kind: 'unreadable', resourceType: 'Observation', count: 4 }]);
  });

  it('reads a Patient that came as a search', async () => {
    expect((await gathered(requestWith({ ...full, patient: bundle(patient) }))).patient).toEqual(patient);
  });
});

describe('a page with a next link', () => {
  it('is read on by the server', async () => {
    const { asked, server } = serverWith({ 'https://ehr.example/fhir?page=2': pageOf(lab('o2')) });
    const record = await gathered(requestWith({ ...full, labs: withNext(bundle(lab('o1'))) }), server);
    expect(asked).toEqual(['https://ehr.example/fhir?page=2']);
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1', 'Observation/o2']);
    expect(record.gaps).toEqual([]);
  });

  it.each([
    ['no server may be asked', undefined],
    ['the server fails', serverWith({}).server],
    ['the server breaks off', serverWith({ https: { entries: [], unreadable: 0, complete: false } }).server],
  ])('is incomplete when %s', async (_, server) => {
    const record = await gathered(requestWith({ ...full, labs: withNext(bundle(lab('o1'))) }), server);
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([{ kind: 'incomplete', resourceType: 'Observation' }]);
  });

  it('is complete, and not read on, once its oldest result is older than the look-back', async () => {
    const { asked, server } = serverWith({});
    const labs = withNext(
      bundle(lab('o1', { effectiveDateTime: '2026-05-01' }), lab('o2', { effectiveDateTime: '2026-03-01' })),
    );
    expect((await gathered(requestWith({ ...full, labs }), server)).gaps).toEqual([]);
    expect(asked).toEqual([]);
  });
});

describe('what prefetch lacks', () => {
  it('is asked of the server, and nothing else is', async () => {
    const { asked, server } = serverWith({ Observation: pageOf(lab('o9')), 'Patient/p1': { resource: patient } });
    const record = await gathered(requestWith({ conditions: bundle(condition), medications: null }), server);
    expect(asked).toEqual(['Patient/p1', 'Observation?patient=p1&code=1-1&_sort=-date&_count=200']);
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o9']);
    expect(record.gaps).toEqual([]);
  });

  it('is asked in parallel', async () => {
    const waiting: (() => void)[] = [];
    const pending = <Answer>(answer: Answer) =>
      new Promise<Answer>((resolve) =>
        waiting.push(() => {
          resolve(answer);
        }),
      );
    const server: OpenedServer = { search: () => pending(pageOf()), read: () => pending({ resource: patient }) };
    const record = gathered(requestWith(undefined), server);
    await new Promise(setImmediate);
    expect(waiting).toHaveLength(4);
    waiting.forEach((answer) => {
      answer();
    });
    expect((await record).gaps).toEqual([]);
  });

  it.each(['failed', 'not-permitted', 'timed-out'] as const)(
    'is a gap with the reason when the server says %s',
    async (failure) => {
      const { conditions: _absent, ...rest } = full;
      const { server } = serverWith({ Condition: { failure } });
      expect((await gathered(requestWith(rest), server)).gaps).toEqual([
        { kind: 'not-had', resourceType: 'Condition', reason: failure },
      ]);
    },
  );

  it('is incomplete when the server could not give all', async () => {
    const { labs: _absent, ...rest } = full;
    const { server } = serverWith({
      Observation: { entries: [{ resource: lab('o1') }], unreadable: 2, complete: false },
    });
    expect((await gathered(requestWith(rest), server)).gaps).toEqual([
      { kind: 'unreadable', resourceType: 'Observation', count: 2 },
      { kind: 'incomplete', resourceType: 'Observation' },
    ]);
  });
});
