import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { FaultRun, PATIENT_REFUSED, RECORD, TOKEN } from '../support/fault-run.js';
import { json, status } from '../support/fault-server.js';
import { kidneyPatient } from '../support/kidney-patient.js';
import { prefetched } from '../support/prefetched.js';

const CAUSES = ['low-calcium-phosphate-retention', 'loop-diuretic-calcium-loss'];
const WITHOUT_DRUGS = ['low-calcium-phosphate-retention'];
const DRUGS_FAILED = ['Could not be checked: medication orders (the request failed)'];
const PARTLY = ['Only partly checked: results and measurements (more results exist than could be read)'];
const UNLISTED = 'https://unlisted.example/fhir';
const EMPTY = { resourceType: 'Bundle', type: 'searchset', total: 0 };
const OUTCOME = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception' }] };

let run: FaultRun;

beforeAll(async () => {
  // Nothing here is about time, and the machine may be slow.
  run = await FaultRun.start(60, { FHIR_BUDGET_MS: '30000', HOOK_DEADLINE_MS: '60000' });
});
afterAll(() => run.close());

/** The whole record as a client prefetches it, with some keys changed; undefined takes a key away. */
function prefetchWith(changes: Record<string, unknown>): { prefetch: Record<string, unknown> } {
  return { prefetch: { ...prefetched(run.templates, RECORD, 'p1'), ...changes } };
}

function bundleOf(key: string): Bundle {
  // The template of this key is a search.
  return prefetched(run.templates, RECORD, 'p1')[key] as Bundle;
}

describe('prefetch', () => {
  it('that is whole asks nothing but whether a test is ordered already', async () => {
    const server = run.server();
    const expected = { status: 200, findings: CAUSES, notices: [], calls: 1 };
    expect(await run.open('whole prefetch', server, prefetchWith({}))).toEqual(expected);
    expect(server.calls[0]?.target).toMatch(/^ServiceRequest\?/);
  });

  it('without a key: that alone is asked of the FHIR server', async () => {
    const server = run.server();
    const expected = { status: 200, findings: CAUSES, notices: [], calls: 2 };
    expect(await run.open('key missing', server, prefetchWith({ medications: undefined }))).toEqual(expected);
    expect(server.calls[0]?.target).toMatch(/^MedicationRequest\?/);
  });

  it('without a key, of a server that is not on the list: the findings that stand, and what was not provided', async () => {
    const asked = { ...prefetchWith({ medications: undefined }), fhirServer: UNLISTED };
    const expected = {
      status: 200,
      findings: WITHOUT_DRUGS,
      notices: ['Could not be checked: medication orders (not provided)'],
      calls: 0,
    };
    expect(await run.open('key missing, server not on the list', run.server(), asked)).toEqual(expected);
  });

  it('that is absent, of a server that is not on the list: the data could not be had', async () => {
    const asked = { fhirServer: UNLISTED };
    const expected = { ...PATIENT_REFUSED, calls: 0 };
    expect(await run.open('nothing prefetched, server not on the list', run.server(), asked)).toEqual(expected);
  });

  it.each<[string, unknown, string[]]>([
    ['null', null, []],
    ['an empty Bundle', EMPTY, []],
    ['an empty Bundle with advice', { ...EMPTY, entry: [{ resource: OUTCOME, search: { mode: 'outcome' } }] }, []],
    ['an OperationOutcome', OUTCOME, DRUGS_FAILED],
    ['a Bundle of an OperationOutcome', { ...EMPTY, entry: [{ resource: OUTCOME }] }, DRUGS_FAILED],
    ['a text', 'none', ['1 of the medication orders could not be read and were left out']],
    ['a list', [], ['1 of the medication orders could not be read and were left out']],
    ['another type', { resourceType: 'Binary' }, ['1 of the medication orders could not be read and were left out']],
    [
      'a Bundle in a Bundle',
      { ...EMPTY, entry: [{ resource: EMPTY }] },
      ['1 of the medication orders could not be read and were left out'],
    ],
  ])('of medication as %s: no follow-up query', async (fault, medications, notices) => {
    const server = run.server();
    const expected = { status: 200, findings: WITHOUT_DRUGS, notices, calls: 1 };
    expect(await run.open(`prefetched ${fault}`, server, prefetchWith({ medications }))).toEqual(expected);
    expect(server.calls[0]?.target).toMatch(/^ServiceRequest\?/);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['an OperationOutcome', OUTCOME],
    ['a text', 'p1'],
    ['another patient', kidneyPatient('p2')[0]],
    ['a Patient without an id', { resourceType: 'Patient' }],
    ['two patients', { ...EMPTY, entry: [{ resource: RECORD[0] }, { resource: kidneyPatient('p2')[0] }] }],
  ])('of the Patient as %s: the data could not be had, and nobody is asked', async (fault, patient) => {
    const outcome = await run.open(`Patient prefetched as ${fault}`, run.server(), prefetchWith({ patient }));
    expect(outcome).toEqual({ ...PATIENT_REFUSED, calls: 0 });
  });

  it.each<[string, Record<string, unknown>, string[], string[]]>([
    [
      'the problem list',
      { conditions: OUTCOME },
      ['not-checked'],
      ['Could not be checked: problem list (the request failed)'],
    ],
    [
      'all results',
      { labs: OUTCOME, labsSlow: OUTCOME, bedside: OUTCOME },
      ['diuretic-exposure'],
      ['Could not be checked: results and measurements (the request failed)'],
    ],
  ])('in which %s failed: the card says so', async (what, changes, findings, notices) => {
    const outcome = await run.open(`prefetch of ${what} failed`, run.server(), prefetchWith(changes));
    expect(outcome).toMatchObject({ status: 200, findings, notices });
  });

  it('in which the problem list and all results failed: the data could not be had', async () => {
    const changes = { conditions: OUTCOME, labs: OUTCOME, labsSlow: OUTCOME, bedside: OUTCOME };
    const outcome = await run.open('prefetch of both failed', run.server(), prefetchWith(changes));
    expect(outcome).toEqual({ ...PATIENT_REFUSED, calls: 0 });
  });

  it('with entries of another patient: they are left out and counted', async () => {
    const labs = bundleOf('labs');
    const foreign = kidneyPatient('p2', { calcium: 14 }).slice(4);
    const entry = [...foreign.map((resource) => ({ resource })), ...(labs.entry ?? [])];
    const asked = prefetchWith({ labs: { ...labs, entry } });
    const expected = {
      status: 200,
      findings: CAUSES,
      notices: ['6 entries of another patient were left out'],
      calls: 1,
    };
    expect(await run.open('prefetched labs of another patient among ours', run.server(), asked)).toEqual(expected);
  });

  /** As a server behind a proxy prefetches it, which knows itself by another name. */
  const underAnotherBase = (key: string) => {
    const { entry = [], ...bundle } = bundleOf(key);
    const urlOf = (id = '') => `https://inner.example/fhir/${bundle.resourceType}/${id}`;
    return { ...bundle, entry: entry.map(({ resource }) => ({ fullUrl: urlOf(resource?.id), resource })) };
  };

  it('under another base than the FHIR server: it counts as missing, and is asked for', async () => {
    const server = run.server();
    const asked = prefetchWith({ conditions: underAnotherBase('conditions') });
    const expected = { status: 200, findings: CAUSES, notices: [], calls: 2 };
    expect(await run.open('prefetched under another base', server, asked)).toEqual(expected);
    expect(server.calls[0]?.target).toMatch(/^Condition\?/);
  });

  it('under another base, of a server that is not on the list: never silence', async () => {
    const conditions = underAnotherBase('conditions');
    const expected = {
      status: 200,
      findings: ['not-checked'],
      notices: ['Could not be checked: problem list (not provided)'],
      calls: 0,
    };
    const fault = 'problem list under another base, server not on the list';
    const one = { ...prefetchWith({ conditions }), fhirServer: UNLISTED };
    expect(await run.open(fault, run.server(), one)).toEqual(expected);

    const keys = ['conditions', 'labs', 'labsSlow', 'bedside', 'medications'];
    const all = prefetchWith(Object.fromEntries(keys.map((key) => [key, underAnotherBase(key)])));
    const everything = { ...all, fhirServer: UNLISTED };
    expect(await run.open('all under another base', run.server(), everything)).toMatchObject({
      status: 200,
      findings: ['not-checked'],
      calls: 0,
    });
  });
});

describe('a prefetched page that goes on', () => {
  const paged = (url: string) => ({ labs: { ...bundleOf('labs'), link: [{ relation: 'next', url }] } });

  it('is followed at the FHIR server', async () => {
    const server = run.server().answer(/page=2/, json(EMPTY));
    const expected = { status: 200, findings: CAUSES, notices: [], calls: 2 };
    expect(await run.open('prefetched page', server, prefetchWith(paged(`${server.url}?page=2`)))).toEqual(expected);
    expect(server.calls[0]).toEqual({ target: '?page=2', authorization: `Bearer ${TOKEN}` });
  });

  it.each<[string, string, number]>([
    ['elsewhere', 'https://elsewhere.example/fhir?page=2', 1],
    ['at another type', 'Patient?page=2', 1],
    ['nowhere', 'http://', 1],
  ])('%s is not followed: only partly checked', async (where, url, calls) => {
    const expected = { status: 200, findings: CAUSES, notices: PARTLY, calls };
    expect(await run.open(`prefetched page, next ${where}`, run.server(), prefetchWith(paged(url)))).toEqual(expected);
  });

  it('and whose next page fails: only partly checked', async () => {
    const server = run.server().answer(/page=2/, status(404));
    const asked = prefetchWith(paged(`${server.url}?page=2`));
    const expected = { status: 200, findings: CAUSES, notices: PARTLY, calls: 2 };
    expect(await run.open('prefetched page, next 404', server, asked)).toEqual(expected);
  });
});

describe('whether a test is ordered already', () => {
  const order = (id: string, code: string) => ({
    resource: {
      resourceType: 'ServiceRequest',
      id,
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/p1' },
      code: { coding: [{ system: 'http://loinc.org', code }] },
      authoredOn: '2026-05-16',
    },
  });
  const IONISED_CALCIUM = '1995-0';

  it('is read from every page: what is ordered is not suggested', async () => {
    const page = { ...EMPTY, entry: [order('s1', '1-1')], link: [{ relation: 'next', url: 'ServiceRequest?page=2' }] };
    const server = run
      .server()
      .answer(/page=2/, json({ ...EMPTY, entry: [order('s2', IONISED_CALCIUM)] }))
      .answer(/^ServiceRequest/, json(page));
    const before = run.letOut.length;
    expect(await run.open('orders on two pages', server, prefetchWith({}))).toMatchObject({
      findings: CAUSES,
      calls: 2,
    });
    const answer = run.letOut.slice(before);
    expect(answer).not.toContain('Order ionised calcium');
  });

  it('is no reason to stay silent: when it cannot be had, the card is as ever', async () => {
    const server = run.server().answer(/^ServiceRequest/, status(500));
    const expected = { status: 200, findings: CAUSES, notices: [], calls: 2 };
    expect(await run.open('500 for orders', server, prefetchWith({}))).toEqual(expected);
    expect(run.letOut).toContain('Order ionised calcium');
  });
});

it('the token is nowhere but at the FHIR server', () => {
  expect(run.letOut).toContain('hookAnswered');
  expect(run.letOut).not.toContain(TOKEN);
});
