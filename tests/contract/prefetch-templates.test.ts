import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CdsService } from '../../src/cds-hooks.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { emptiesIn } from './answered-cases.js';

const TOKEN = '{{context.patientId}}';

describe('CDS Hooks, what discovery says of the three services', () => {
  let service: ComposedService;
  let services: CdsService[];
  let templates: string[];
  beforeAll(async () => {
    service = await startComposedService();
    const response = await fetch(`${service.url}/cds-services`, { headers: { Accept: 'application/json' } });
    // The tests check what is in it.
    ({ services } = (await response.json()) as { services: CdsService[] });
    templates = Object.values(services[0]?.prefetch ?? {});
  });
  afterAll(() => service.close());

  const parameters = () => templates.flatMap((template) => [...new URLSearchParams(template.split('?')[1])]);
  const valuesOf = (wanted: string) => parameters().flatMap(([name, value]) => (name === wanted ? [value] : []));

  it('A2.10, A2.14, A15.91 and B3.2 offers three hooks of the library, each under an id of its own', () => {
    expect(services.map(({ id, hook }) => ({ id, hook }))).toEqual([
      { id: 'renal-cramps-patient-view', hook: 'patient-view' },
      { id: 'renal-cramps-order-select', hook: 'order-select' },
      { id: 'renal-cramps-order-sign', hook: 'order-sign' },
    ]);
    for (const { title, description } of services) {
      expect(title).toBe('Muscle cramps in kidney disease');
      expect(description).toMatch(/^Names the likely cause of muscle cramps .*\.$/);
    }
  });

  it('A0.1, A0.2, A2.12, A16.92 and A17.93 gives a semantic version of the release, and no version of the hook', () => {
    expect(services.map(({ version }) => version)).toEqual(['2.0.1', '2.0.1', '2.0.1']);
    const names = new Set(services.flatMap((each) => Object.keys(each)));
    expect([...names].sort()).toEqual([
      'description',
      'hook',
      'id',
      'prefetch',
      'title',
      'usageRequirements',
      'version',
    ]);
  });

  it('A2.11 says in plain text for whom the service should be called', () => {
    for (const { usageRequirements } of services) {
      expect(usageRequirements).toMatch(/^Adults with kidney disease\./);
      expect(usageRequirements).not.toMatch(/[<>*_`]/);
    }
  });

  it('A1.4 and A1.5 holds nothing that is null or empty', () => {
    expect(emptiesIn(services)).toEqual([]);
  });

  it('A3.17 writes each query as a relative read or a search of one type, at most ten', () => {
    expect(templates).toHaveLength(10);
    const wrong = templates.filter(
      (template) => !/^(?:Patient\/\{\{[^{}/]+\}\}|[A-Z][A-Za-z]+\?[^?]+)$/.test(template),
    );
    expect(wrong).toEqual([]);
  });

  it('A3.18, A3.19, A3.20, A3.21 and A3.22 uses the id of the patient as its only token', () => {
    const tokens = templates.flatMap((template) => template.match(/\{\{.*?\}\}/g) ?? []);
    expect(tokens).toEqual(templates.map(() => TOKEN));
    expect(templates.filter((template) => /[%|]|\(|resolve|today/.test(template.replaceAll(/%2[05CF]/gi, '')))).toEqual(
      [],
    );
  });

  it('A3.23 and A3.24 uses five parameters of the restricted subset, none with a modifier, a chain or _include', () => {
    expect(new Set(parameters().map(([name]) => name))).toEqual(
      new Set(['patient', 'code', 'status', '_sort', '_count']),
    );
  });

  it('A3.23 uses no parameter twice, since some clients join the two', () => {
    const doubled = templates.filter((template) => {
      const names = [...new URLSearchParams(template.split('?')[1]).keys()];
      return new Set(names).size < names.length;
    });
    expect(doubled).toEqual([]);
  });

  it('A3.23 keeps every query short enough for servers that refuse long ones', () => {
    expect(templates.filter((template) => template.length > 1_000)).toEqual([]);
  });

  it('A3.25 sorts newest first in the words of FHIR', () => {
    expect(new Set(valuesOf('_sort'))).toEqual(new Set(['-date', '-authoredon', '-effective-time']));
  });

  it('A3.26 asks for the eight types the rules read, with results and procedures by code and every search limited', () => {
    expect(new Set(templates.map((template) => /^[A-Za-z]+/.exec(template)?.[0]))).toEqual(
      new Set([
        'Patient',
        'Condition',
        'Observation',
        'MedicationRequest',
        'MedicationStatement',
        'MedicationAdministration',
        'Procedure',
        'Encounter',
      ]),
    );
    const uncoded = templates.filter((template) => /^(?:Observation|Procedure)\?(?!.*&code=\w)/.test(template));
    expect(uncoded).toEqual([]);
    expect(valuesOf('_count')).toEqual(['500', '200', '100', '200', '200', '200', '100', '100', '5']);
  });
});
