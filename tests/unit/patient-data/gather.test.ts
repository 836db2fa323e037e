import { describe, expect, it } from '@jest/globals';
import type { Bundle, FhirResource, MedicationRequest, Observation } from 'fhir/r4.js';
import type { CdsRequest } from '../../../src/cds-hooks.js';
import type { FhirServer, ReadResult, SearchResult } from '../../../src/patient-data/fhir-gateway.js';
import { activeTestOrders, gather, type GatherTools } from '../../../src/patient-data/gather.js';
import { prefetchQueries } from '../../../src/patient-data/prefetch-templates.js';
import type { PatientRecord } from '../../../src/patient-record.js';

const subject = { reference: 'Patient/p1' };
const patient: FhirResource = { resourceType: 'Patient', id: 'p1' };
const condition: FhirResource = { resourceType: 'Condition', id: 'c1', subject };
const lab = (id: string, more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: {},
  subject,
  ...more,
});
const draft = (id: string, more: Partial<MedicationRequest> = {}): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'draft',
  intent: 'order',
  subject,
  medicationCodeableConcept: { text: 'Drug' },
  ...more,
});
const bundle = (...resources: unknown[]) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
});
const withNext = (page: object, url = 'https://ehr.example/fhir?page=2') => ({
  ...page,
  link: [
    { relation: 'self', url: 'https://ehr.example/fhir?page=1' },
    { relation: 'next', url },
  ],
});
const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing' }] };
const full = { patient, conditions: bundle(condition), labs: bundle(lab('o1')), medications: bundle() };

const queries = prefetchQueries([
  { resourceType: 'Condition', codes: [] },
  { resourceType: 'Observation', group: 'labs', codes: ['1-1'], lookBackDays: 30 },
  { resourceType: 'MedicationRequest', codes: [] },
]);

function requestWith(prefetch: Record<string, unknown> | undefined, more: Partial<CdsRequest> = {}): CdsRequest {
  return {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    context: { userId: 'Practitioner/1', patientId: 'p1' },
    ...(prefetch === undefined ? {} : { prefetch }),
    ...more,
  };
}

function ordersRequest(hook: 'order-select' | 'order-sign', orders: unknown[], selections?: string[]): CdsRequest {
  // A client's Bundle is checked no further than this before gather sees it.
  const draftOrders = { resourceType: 'Bundle', entry: orders.map((resource) => ({ resource })) } as unknown as Bundle;
  const context = { userId: 'Practitioner/1', patientId: 'p1', draftOrders, ...(selections ? { selections } : {}) };
  return requestWith(full, { hook, context });
}

/** A FHIR server with an answer for each address that begins so; it notes what it was asked. */
function serverWith(answers: Record<string, SearchResult | ReadResult>) {
  const asked: string[] = [];
  const answerTo = (address: string) => {
    asked.push(address);
    return Object.entries(answers).find(([start]) => address.startsWith(start))?.[1] ?? { failure: 'failed' };
  };
  const server: FhirServer = {
    search: (query) => Promise.resolve(answerTo(query) as SearchResult),
    read: (resourceType, id) => Promise.resolve(answerTo(`${resourceType}/${id}`) as ReadResult),
  };
  return { asked, server };
}

const pageOf = (...resources: FhirResource[]): SearchResult => ({
  entries: resources.map((resource) => ({ resource })),
  unreadable: 0,
  complete: true,
});

function gathered(request: CdsRequest, server?: FhirServer, more: Partial<GatherTools> = {}): Promise<PatientRecord> {
  return gather(request, {
    queries,
    openFhirServer: () => server,
    ingredientNames: new Set(['aspirin']),
    now: new Date('2026-05-17T12:00:00Z'),
    signal: new AbortController().signal,
    ...more,
  });
}

const idsOf = ({ resources }: PatientRecord) => resources.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`);
const refusal = { code: 'data-not-available', message: 'The data of this patient could not be had.' };

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
    const server: FhirServer = { search: () => pending(pageOf()), read: () => pending({ resource: patient }) };
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

describe('resources under unknown keys', () => {
  it('join by content and answer the query nobody else answered', async () => {
    const prefetch = {
      'patient-user': patient,
      myProblems: bundle(condition),
      lab_results: bundle(lab('o1')),
      meds: bundle(),
    };
    const record = await gathered(requestWith(prefetch));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([{ kind: 'not-had', resourceType: 'MedicationRequest', reason: 'not-provided' }]);
  });

  it('do not stand for a query whose key failed', async () => {
    const record = await gathered(requestWith({ ...full, conditions: outcome, more: bundle(condition) }));
    expect(idsOf(record)).toContain('Condition/c1');
    expect(record.gaps).toEqual([{ kind: 'not-had', resourceType: 'Condition', reason: 'failed' }]);
  });

  it('do not stand for a query when they are of somebody else', async () => {
    const { conditions: _absent, ...rest } = full;
    const foreign = { ...condition, subject: { reference: 'Patient/p2' } };
    expect((await gathered(requestWith({ ...rest, more: bundle(foreign) }))).gaps).toEqual([
      { kind: 'not-had', resourceType: 'Condition', reason: 'not-provided' },
      { kind: 'foreign', count: 1 },
    ]);
  });

  it('are passed over without a word where no query asks for them', async () => {
    const prefetch = {
      ...full,
      user: { resourceType: 'Practitioner', id: '1' },
      flag: true,
      empty: null,
      bad: outcome,
    };
    const record = await gathered(requestWith(prefetch));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([]);
  });
});

describe('every resource', () => {
  it('of another patient is dropped and counted', async () => {
    const foreign = { ...lab('o2'), subject: { reference: 'Patient/p2' } };
    const labs = bundle(lab('o1'), foreign, { resourceType: 'Patient', id: 'p2' });
    const record = await gathered(requestWith({ ...full, labs }));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([{ kind: 'foreign', count: 2 }]);
  });

  it('may name the patient by the fullUrl of the Patient entry', async () => {
    const byUrn = lab('o1', { subject: { reference: 'urn:uuid:1' } });
    const prefetch = {
      ...full,
      patient: { resourceType: 'Bundle', entry: [{ fullUrl: 'urn:uuid:1', resource: patient }] },
      labs: bundle(byUrn),
    };
    const record = await gathered(requestWith(prefetch));
    expect(idsOf(record)).toContain('Observation/o1');
    expect(record.gaps).toEqual([]);
  });

  it('stands once, in its newest version, whichever came first', async () => {
    const version = (versionId: string, lastUpdated?: string) =>
      lab('o1', { meta: { versionId, ...(lastUpdated ? { lastUpdated } : {}) } });
    const pairs = [
      [version('9', '2026-05-01T00:00:00Z'), version('10', '2026-05-02T00:00:00+02:00')],
      [version('9'), version('10')],
      [version('9', '2026-05-01T00:00:00Z'), version('10', '2026-05-01T00:00:00Z')],
    ] as const;
    for (const [older, newer] of pairs) {
      for (const labs of [bundle(older, newer), bundle(newer, older)]) {
        const record = await gathered(requestWith({ ...full, labs }));
        expect(record.resources.filter(({ resourceType }) => resourceType === 'Observation')).toEqual([newer]);
      }
    }
  });

  it('has readable units, resolved medications and recognised names', async () => {
    const { asked, server } = serverWith({
      'Medication/m2': { resource: { resourceType: 'Medication', id: 'm2', code: { text: 'Other' } } },
    });
    const refers = (id: string, reference: string): FhirResource => {
      const { medicationCodeableConcept: _none, ...rest } = draft(id, { status: 'active' });
      return { ...rest, medicationReference: { reference } };
    };
    const medications = bundle(
      refers('r1', 'Medication/m1'),
      { resourceType: 'Medication', id: 'm1', code: { text: 'ASPIRIN 100 mg' } },
      refers('r2', 'Medication/m2'),
      refers('r3', 'Medication/m3'),
    );
    const labs = bundle(lab('o1', { valueQuantity: { value: 8, unit: 'MG/DL' } }));
    const record = await gathered(requestWith({ ...full, medications, labs }), server);
    expect(asked).toEqual(['Medication/m2', 'Medication/m3']);
    const concepts = record.resources.map(
      (resource) => 'medicationCodeableConcept' in resource && resource.medicationCodeableConcept,
    );
    expect(concepts).toEqual([
      false,
      false,
      false,
      { text: 'ASPIRIN 100 mg', coding: [{ system: 'urn:renal-cramp-cds:ingredient-name', code: 'aspirin' }] },
      { text: 'Other' },
      false,
    ]);
    expect(record.resources).toContainEqual(
      lab('o1', { valueQuantity: { value: 8, unit: 'MG/DL', code: 'mg/dL', system: 'http://unitsofmeasure.org' } }),
    );
    expect(record.gaps).toEqual([{ kind: 'medication-unresolved', count: 1 }]);
  });
});

describe('data are refused', () => {
  it.each([
    ['the prefetched Patient is another one', requestWith({ ...full, patient: { resourceType: 'Patient', id: 'p2' } })],
    ['the prefetched Patient has no id', requestWith({ ...full, patient: { resourceType: 'Patient' } })],
    [
      'the right Patient comes only beside a wrong one',
      requestWith({ ...full, patient: { resourceType: 'Patient', id: 'p2' }, other: patient }),
    ],
    ['the Patient was not found', requestWith({ ...full, patient: null })],
    ['the Patient failed', requestWith({ ...full, patient: outcome })],
    ['the Patient is absent', requestWith({ conditions: full.conditions, labs: full.labs })],
    ['the Patient is unreadable', requestWith({ ...full, patient: 'p1' })],
    ['nothing was prefetched', requestWith(undefined)],
    ['both Condition and Observation are absent', requestWith({ patient, medications: bundle() })],
    ['both Condition and Observation failed', requestWith({ ...full, conditions: outcome, labs: bundle(outcome) })],
    ['both Condition and Observation are unreadable', requestWith({ ...full, conditions: 'x', labs: [] })],
  ])('when %s', async (_, request) => {
    await expect(gathered(request)).rejects.toMatchObject(refusal);
  });

  it('when the token is for another patient, before anything is asked', async () => {
    const { asked, server } = serverWith({});
    const fhirAuthorization = {
      access_token: 't',
      token_type: 'Bearer',
      expires_in: 1,
      scope: '',
      subject: 's',
      patient: 'p2',
    } as const;
    await expect(gathered(requestWith(undefined, { fhirAuthorization }), server)).rejects.toMatchObject(refusal);
    expect(asked).toEqual([]);
  });

  it('when the server answers with another Patient', async () => {
    const { server } = serverWith({ 'Patient/p1': { resource: { resourceType: 'Patient', id: 'p2' } } });
    const { patient: _absent, ...rest } = full;
    await expect(gathered(requestWith(rest), server)).rejects.toMatchObject(refusal);
  });

  it('with the reason of the signal when the request was given up', async () => {
    const reason = new Error('client went away');
    await expect(gathered(requestWith(full), undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('not when one of Condition and Observation was had', async () => {
    expect((await gathered(requestWith({ ...full, labs: outcome }))).gaps).toEqual([
      { kind: 'not-had', resourceType: 'Observation', reason: 'failed' },
    ]);
  });
});

describe('orders of the context', () => {
  it('join the record and take the place of its own version, even of a newer one', async () => {
    const stored = draft('r1', { status: 'active', meta: { versionId: '9' } });
    const request = ordersRequest('order-sign', [draft('r1')]);
    const record = await gathered({ ...request, prefetch: { ...full, medications: bundle(stored) } });
    expect(record.resources.filter(({ id }) => id === 'r1')).toEqual([draft('r1')]);
    expect(record.ordersInContext).toEqual(['r1']);
  });

  it('are all judged on order-sign, where they are medication drafts', async () => {
    const service = { resourceType: 'ServiceRequest', id: 's1', status: 'draft', intent: 'order', subject };
    const record = await gathered(
      ordersRequest('order-sign', [draft('r1'), draft('r2', { status: 'active' }), service]),
    );
    expect(record.ordersInContext).toEqual(['r1', 'r2', 's1']);
    expect(record.draftsToJudge).toEqual(['r1']);
    expect(idsOf(record)).toContain('ServiceRequest/s1');
  });

  it('are judged on order-select where selected by Type/id or bare id', async () => {
    const orders = [draft('r1'), draft('r2'), draft('r3'), draft('r4')];
    const selections = ['MedicationRequest/r1', 'r2', 'ServiceRequest/r3'];
    expect((await gathered(ordersRequest('order-select', orders, selections))).draftsToJudge).toEqual(['r1', 'r2']);
  });

  it('are not judged on order-select without selections', async () => {
    expect((await gathered(ordersRequest('order-select', [draft('r1')]))).draftsToJudge).toEqual([]);
  });

  it.each(['order-select', 'order-sign'] as const)('may be missing on %s', async (hook) => {
    const record = await gathered(requestWith(full, { hook }));
    expect([record.ordersInContext, record.draftsToJudge, record.gaps]).toEqual([[], [], []]);
  });

  it('of another patient are dropped, counted and never judged', async () => {
    const record = await gathered(ordersRequest('order-sign', [draft('r1', { subject: { reference: 'Patient/p2' } })]));
    expect(idsOf(record)).not.toContain('MedicationRequest/r1');
    expect([record.ordersInContext, record.draftsToJudge]).toEqual([[], []]);
    expect(record.gaps).toEqual([{ kind: 'foreign', count: 1 }]);
  });

  it('without a subject are of the patient in context, and a single category becomes a list', async () => {
    const { subject: _none, ...rest } = draft('r1');
    const record = await gathered(ordersRequest('order-sign', [{ ...rest, category: { text: 'outpatient' } }]));
    expect(record.resources).toContainEqual(draft('r1', { category: [{ text: 'outpatient' }] }));
    expect(record.draftsToJudge).toEqual(['r1']);
    expect(record.gaps).toEqual([]);
  });

  it('without an id cannot be named, so they are left out and counted', async () => {
    const { id: _none, ...rest } = draft('r1');
    const record = await gathered(ordersRequest('order-sign', [rest, rest]));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([{ kind: 'unreadable', resourceType: 'MedicationRequest', count: 2 }]);
  });

  it('refer to Medications beside them, which do not join the record', async () => {
    const { medicationCodeableConcept: _none, ...rest } = draft('r1');
    const orders = [
      { ...rest, medicationReference: { reference: 'Medication/m1' } },
      { resourceType: 'Medication', id: 'm1', code: { text: 'Drug' } },
    ];
    const record = await gathered(ordersRequest('order-sign', orders));
    expect(record.resources).toContainEqual(draft('r1'));
    expect(idsOf(record)).not.toContain('Medication/m1');
    expect(record.gaps).toEqual([]);
  });
});

describe('tests already ordered', () => {
  const order = (more: object): FhirResource => ({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject,
    authoredOn: '2026-05-12',
    code: { coding: [{ code: '1-1' }] },
    ...more,
  });
  const since = new Date('2026-05-10T09:00:00Z');

  it('are the codes of active orders of this patient since that day', async () => {
    const { asked, server } = serverWith({
      ServiceRequest: pageOf(
        order({}),
        order({ authoredOn: '2026-05-10T08:00:00Z', code: { coding: [{ code: '2-2' }, null, { code: '1-1' }] } }),
        order({ authoredOn: '2026-05-09', code: { coding: [{ code: 'old' }] } }),
        order({ status: 'completed', code: { coding: [{ code: 'done' }] } }),
        order({ subject: { reference: 'Patient/p2' }, code: { coding: [{ code: 'foreign' }] } }),
        order({ code: { text: 'uncoded' } }),
      ),
    });
    expect(await activeTestOrders(server, 'p1', since)).toEqual(['1-1', '2-2']);
    expect(asked).toEqual(['ServiceRequest?patient=p1&status=active&authored=ge2026-05-10&_count=100']);
  });

  it('are none when the server fails', async () => {
    expect(await activeTestOrders(serverWith({}).server, 'p1', since)).toEqual([]);
  });
});
