import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { marked } from 'marked';
import type { Card } from '../../src/cds-hooks.js';
import { limitsBroken } from '../support/card-limits.js';
import { charted } from '../support/charted-patient.js';
import { type ComposedService, patientView, startComposedService } from '../support/composed-service.js';
import { postJson } from '../support/http-service.js';
import { condition, daysAgo, furosemide, kidneyPatient, NOW, result } from '../support/kidney-patient.js';
import { payloads } from '../support/markdown-payloads.js';

const [PATIENT, ...RECORD] = kidneyPatient('p', { calcium: 7.6 });
const named = (name: string): FhirResource => ({ ...PATIENT, name: [{ text: name, family: name }] }) as FhirResource;
const texted = (resource: FhirResource, text: string): FhirResource =>
  ({
    ...resource,
    code: { coding: [{ system: 'http://loinc.org', code: '2777-1', display: text }], text },
  }) as FhirResource;
const phosphate = (unit: string) => result('p', 'odd', { code: '2777-1', value: 5, unit }, daysAgo(1));
const MALFORMED = charted('p', { code: '2777-1', value: 5, unit: 'mg/dL', at: daysAgo(1) });

/** Everywhere a text of the record comes near a card. */
const FIELDS: Record<string, (text: string) => FhirResource[]> = {
  'a drug': (text) => [furosemide('p', text)],
  'the name of the patient': () => [],
  'a condition': (text) => [condition('p', 'odd', { code: 'E20.9', display: text }, daysAgo(30))],
  'the unit of a result': (text) => [phosphate(text)],
  'the name and the note of a result': (text) => [{ ...texted(MALFORMED, text), note: [{ text }] } as FhirResource],
  'a drug that is drafted': () => [],
};

const draft = (text: string): FhirResource => ({ ...furosemide('p', text), id: 'draft', status: 'draft' });

let service: ComposedService;
beforeAll(async () => {
  service = await startComposedService();
});
afterAll(() => service.close());

async function cardsWith(field: string, text: string): Promise<Card[]> {
  const called = service.services.find(({ hook }) => hook === 'order-sign')!;
  const patient = field === 'the name of the patient' ? named(text) : PATIENT!;
  const body = patientView(called, [patient, ...RECORD, ...(FIELDS[field]?.(text) ?? [])], NOW) as { context: object };
  const drafts = field === 'a drug that is drafted' ? [{ resource: draft(text) }] : [];
  body.context = { ...body.context, draftOrders: { resourceType: 'Bundle', entry: drafts } };
  const response = await postJson(`${service.url}/cds-services/${called.id}`, JSON.stringify(body));
  // What is wrong with it shows below.
  return ((await response.json()) as { cards: Card[] }).cards;
}

const rendered = (card: Card) => marked.parse(card.detail ?? '', { gfm: true, async: false });
const tagsOf = (card: Card) => (rendered(card).match(/<[^>]*>/g) ?? []).join('');

describe('a text of the record that poses as markup', () => {
  it('is tried in six fields, sixty times in each', () => {
    expect([Object.keys(FIELDS).length, payloads.length >= 60]).toEqual([6, true]);
  });

  it.each(Object.keys(FIELDS))('makes no tag of its own, no address and no section, in %s', async (field) => {
    const plain = await cardsWith(field, 'Furosemid');
    for (const text of payloads) {
      const cards = await cardsWith(field, text);
      expect(limitsBroken(cards, 'http://127.0.0.1:0')).toEqual([]);
      expect([text, cards.map(tagsOf)]).toEqual([text, plain.map(tagsOf)]);
      expect(cards.map(({ links }) => links)).toEqual(plain.map(({ links }) => links));
      for (const { summary, suggestions = [], detail = '' } of cards) {
        const shown = [summary, ...suggestions.map(({ label }) => label), detail].join('\n');
        expect(shown).not.toMatch(/<[a-z/!?]|:\/\/|www\.|\bjavascript:|[\u202a-\u202e\u2066-\u2069]/i);
      }
    }
  });

  it('is there to read on the card, in the fields that cards show', async () => {
    for (const field of ['a drug', 'the unit of a result', 'a drug that is drafted'])
      expect(JSON.stringify(await cardsWith(field, 'Canary *text*'))).toContain('Canary');
  });
});

describe('a text of the record that shows nothing', () => {
  const unnamed = (concept: object) =>
    ({ ...furosemide('p'), medicationCodeableConcept: concept }) as unknown as FhirResource;
  const RXNORM = { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '313988' };

  async function detailFor(concept: object): Promise<string> {
    const called = service.services.find(({ hook }) => hook === 'patient-view')!;
    const body = patientView(called, [PATIENT!, ...RECORD, unnamed(concept)], NOW);
    const response = await postJson(`${service.url}/cds-services/${called.id}`, JSON.stringify(body));
    const { cards } = (await response.json()) as { cards: Card[] };
    return cards.map(({ detail }) => detail).join('\n');
  }

  it.each([
    ['empty', ''],
    ['blank', ' \t\n\u00a0\u3000'],
    ['of marks that are not seen', '\u200b\u202e\u2069\ufeff\u0007'],
    ['longer than a name and blank', ' '.repeat(5000)],
  ])('names a drug by its code where its text and its display are %s', async (_name, text) => {
    const detail = await detailFor({ text, coding: [{ ...RXNORM, display: text }] });
    expect(detail).toContain('Loop diuretic: 313988');
    expect(detail).not.toContain('A check could not be run');
  });

  it('names a drug by the first display that shows something', async () => {
    const coding = [
      { ...RXNORM, display: ' ' },
      { system: 'urn:local', code: 'F40', display: 'Furosemid 40' },
    ];
    expect(await detailFor({ text: '', coding })).toContain('Loop diuretic: Furosemid 40');
  });

  it.each(['', ' '])('stops no rule, whichever text of the record is replaced by "%s"', async (text) => {
    const called = service.services.find(({ hook }) => hook === 'patient-view')!;
    const whole = [PATIENT!, ...RECORD, furosemide('p'), MALFORMED];
    const paths = whole.flatMap((resource, index) => textsIn(resource).map((path) => [index, ...path]));
    expect(paths.length).toBeGreaterThan(90);
    const stopped: unknown[] = [];
    for (const path of paths) {
      const resources = replacedAt(whole, path, text) as FhirResource[];
      const response = await postJson(
        `${service.url}/cds-services/${called.id}`,
        JSON.stringify(patientView(called, resources, NOW)),
      );
      if ((await response.text()).includes('A check could not be run')) stopped.push(path);
    }
    expect(stopped).toEqual([]);
  });
});

/** Where the strings of a resource stand, but for its type. */
function textsIn(value: unknown): (string | number)[][] {
  if (typeof value === 'string') return [[]];
  if (Array.isArray(value)) return value.flatMap((each, index) => textsIn(each).map((path) => [index, ...path]));
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries(value).filter(([name]) => name !== 'resourceType');
  return members.flatMap(([name, each]) => textsIn(each).map((path) => [name, ...path]));
}

function replacedAt(value: unknown, [step, ...rest]: readonly (string | number)[], text: string): unknown {
  if (step === undefined) return text;
  const at = (value as Record<string | number, unknown>)[step];
  const changed = replacedAt(at, rest, text);
  return Array.isArray(value)
    ? value.map((each: unknown, index) => (index === step ? changed : each))
    : { ...(value as object), [step]: changed };
}
