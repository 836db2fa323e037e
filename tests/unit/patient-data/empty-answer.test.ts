import { describe, expect, it } from '@jest/globals';
import { isEmptyAnswerTo } from '../../../src/patient-data/empty-answer.js';

const BASE = 'https://ehr.example/fhir';
const LABS = {
  resourceType: 'Observation',
  template: 'Observation?patient={{context.patientId}}&code=1-1,2-2&_sort=-date&_count=200',
};
const CONDITIONS = { resourceType: 'Condition', template: 'Condition?patient={{context.patientId}}&_count=500' };
const OWNER = { patientId: 'p1', fhirServer: BASE };
const empty = (url: string, more: object = {}) => ({
  resourceType: 'Bundle',
  total: 0,
  link: [{ relation: 'self', url }],
  ...more,
});
const outcome = { search: { mode: 'outcome' }, resource: { resourceType: 'OperationOutcome' } };
const found = { resource: { resourceType: 'Observation', id: 'o1' } };
const SELF = `${BASE}/Observation?patient=p1&code=1-1,2-2&_sort=-date&_count=200`;

describe('a Bundle without results answers a query', () => {
  it.each([
    ['asked in the same words', empty(SELF)],
    ['with a remark of the server', empty(SELF, { entry: [outcome] })],
    ['for the patient by reference', empty(`${BASE}/Observation?subject=Patient/p1&code=2-2,1-1`)],
    ['for more codes', empty(`${BASE}/Observation?patient=p1&code=3-3,2-2,1-1`)],
    ['for every code', empty(`${BASE}/Observation?patient=p1`)],
  ])('%s', (_name, bundle) => {
    expect(isEmptyAnswerTo(LABS, bundle, OWNER)).toBe(true);
  });

  it.each([
    ['for fewer codes', empty(`${BASE}/Observation?patient=p1&code=1-1`)],
    ['by a filter we do not ask for', empty(`${BASE}/Observation?patient=p1&category=vital-signs`)],
    ['since a day', empty(`${BASE}/Observation?patient=p1&code=1-1,2-2&date=ge2026-01-01`)],
    ['of another patient', empty(`${BASE}/Observation?patient=p2&code=1-1,2-2`)],
    ['of no patient', empty(`${BASE}/Observation?code=1-1,2-2`)],
    ['of another type', empty(`${BASE}/Condition?patient=p1`)],
    ['of another server', empty('https://other.example/fhir/Observation?patient=p1')],
    ['that asks for the number alone', empty(`${BASE}/Observation?patient=p1&code=1-1,2-2&_count=0`)],
    ['that leads to a further page', empty(SELF, { link: [...empty(SELF).link, { relation: 'next', url: SELF }] })],
    ['that holds a result', empty(SELF, { entry: [found] })],
    ['that holds what is no resource', empty(SELF, { entry: [{}] })],
    ['without a link to itself', empty(SELF, { link: [] })],
    ['with a link that is no URL', empty('Observation?patient=p1')],
    ['that has failed', outcome.resource],
    ['that is nothing', null],
  ])('but not one %s', (_name, bundle) => {
    expect(isEmptyAnswerTo(LABS, bundle, OWNER)).toBe(false);
  });

  it('without codes only when the link names no further filter', () => {
    expect(isEmptyAnswerTo(CONDITIONS, empty(`${BASE}/Condition?patient=p1`), OWNER)).toBe(true);
    const narrower = empty(`${BASE}/Condition?patient=p1&category=encounter-diagnosis`);
    expect(isEmptyAnswerTo(CONDITIONS, narrower, OWNER)).toBe(false);
  });
});
