import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource, Observation, Quantity } from 'fhir/r4.js';
import type { Card } from '../../src/cds-hooks.js';
import { type ComposedService, findingsOf, patientView, startComposedService } from '../support/composed-service.js';
import { postJson } from '../support/http-service.js';
import type { Analyte } from '../support/hygiene/analyte.js';
import { BEDSIDE } from '../support/hygiene/bedside.js';
import { CALCIUM, ELECTROLYTES } from '../support/hygiene/minerals.js';
import { KIDNEY, SLOW } from '../support/hygiene/other-blood.js';
import { SESSION, SESSION_REFERENCE, TAKEN } from '../support/hygiene/scenes.js';
import { NOW } from '../support/kidney-patient.js';
import { spellings } from '../support/unit-spellings.js';

const UCUM = 'http://unitsofmeasure.org';
const ahead = (minutes: number): string => new Date(NOW.getTime() + minutes * 60_000).toISOString();
const untimed = { effectiveDateTime: undefined };
const READ = ['final', 'amended', 'corrected'] as const;
const NOT_READ = ['entered-in-error', 'cancelled', 'registered', 'preliminary', 'unknown'] as const;
const FAULTY_TIMES: [string, { time: object; why: string }][] = [
  ['61 minutes ahead', { time: { effectiveDateTime: ahead(61) }, why: 'is dated in the future' }],
  ['tomorrow', { time: { effectiveDateTime: '2026-05-18' }, why: 'is dated in the future' }],
  ['in a month', { time: { effectiveDateTime: '2026-05' }, why: 'has no date' }],
  ['at no time', { time: untimed, why: 'has no date' }],
];
const TIMES: [string, Partial<Observation>][] = [
  ['60 minutes ahead', { effectiveDateTime: ahead(60) }],
  ['on a day', { effectiveDateTime: '2026-05-17' }],
  ['over a period that ends then', { ...untimed, effectivePeriod: { start: '2020-01-01', end: TAKEN } }],
  ['from then on', { ...untimed, effectivePeriod: { start: TAKEN } }],
  ['at an instant', { ...untimed, effectiveInstant: TAKEN }],
  ['before it was issued then', { ...untimed, issued: TAKEN }],
] as [string, Partial<Observation>][]; // as: an element that is taken away

let service: ComposedService;
beforeAll(async () => {
  service = await startComposedService();
});
afterAll(async () => {
  await service.close();
});

/** The result in question, of the first code and unit, with these changes. */
function observation(
  analyte: Analyte,
  changes: Partial<Observation> = {},
  quantity: Partial<Quantity> = {},
): Observation {
  const [[value, unit] = []] = analyte.written;
  const [code = ''] = analyte.codes;
  const measured: Pick<Observation, 'code' | 'valueQuantity'> = {
    code: { coding: [{ system: analyte.system ?? 'http://loinc.org', code }] },
    valueQuantity: { value, unit, system: UCUM, code: unit, ...quantity },
  };
  const inPanel = { code: loinc('85354-9'), component: [{ ...measured, ...changes }] };
  const whole = {
    id: 'in-question',
    subject: { reference: 'Patient/p' },
    effectiveDateTime: TAKEN,
    ...(analyte.part === 'session' && { partOf: [{ reference: SESSION_REFERENCE }] }),
    ...measured,
    ...changes,
    ...(analyte.part === 'component' && { ...inPanel, valueQuantity: undefined }),
  };
  return { resourceType: 'Observation', status: 'final', ...whole };
}

function loinc(code: string) {
  return { coding: [{ system: 'http://loinc.org', code }] };
}

/** What is said of the patient with this result: the verdict of the table, and all texts. */
async function said(analyte: Analyte, result: Observation, ...more: FhirResource[]) {
  const hook = analyte.draft === undefined ? 'patient-view' : 'order-sign';
  const called = service.services.find((each) => each.hook === hook)!;
  const body = { ...patientView(called, [...analyte.around, ...more, result], NOW) } as { context: object };
  if (analyte.draft !== undefined)
    body.context = { ...body.context, draftOrders: { resourceType: 'Bundle', entry: [{ resource: analyte.draft }] } };
  const response = await postJson(`${service.url}/cds-services/${called.id}`, JSON.stringify(body));
  const { cards } = (await response.json()) as { cards: Card[] };
  const text = cards.map(({ detail = '' }) => detail).join('\n');
  return {
    verdict: verdictOf(analyte, cards),
    text: text.replaceAll('\\', '').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
  };
}

function verdictOf({ told = 'points', read, unread }: Analyte, cards: readonly Card[]): string {
  const findings = cards.flatMap(findingsOf);
  if (told === 'indicator') return cards[0]?.indicator ?? 'absent';
  if (told === 'evidence')
    return findings.some(({ evidence }) =>
      evidence.some(({ text }) => text.toLowerCase().startsWith(read.toLowerCase())),
    )
      ? read
      : 'absent';
  const [id] = (read === 'absent' ? unread : read).split(' ');
  const found = findings.find((finding) => finding.id === id);
  return found === undefined ? 'absent' : `${found.id} ${found.points}`;
}

/** `calcium 8.3 mg/dL is implausible`, of the result in question and no other. */
const named = ({ name }: Analyte, why: string): RegExp => new RegExp(`${escaped(name)} [^:\\n]*${why}`, 'i');
const escaped = (text: string): string => text.replace(/[()./]/g, '\\$&');

async function expectRead(analyte: Analyte, result: Observation, ...more: FhirResource[]): Promise<void> {
  expect((await said(analyte, result, ...more)).verdict).toBe(analyte.read);
}
async function expectNamed(analyte: Analyte, result: Observation, why: string, ...more: FhirResource[]): Promise<void> {
  const { verdict, text } = await said(analyte, result, ...more);
  expect(verdict).toBe(analyte.unread);
  expect(text).toMatch(named(analyte, why));
}
async function expectSilentlyLeftOut(analyte: Analyte, ...results: [Observation, ...Observation[]]): Promise<void> {
  const { verdict, text } = await said(analyte, ...results);
  expect(verdict).toBe(analyte.unread);
  expect(text).not.toMatch(/ignored|cannot be read/);
}

/** A case for each analyte, or several of it: its title, what the case says, and what it needs. */
function forEach<Case>(
  casesOf: (analyte: Analyte) => readonly (readonly [string, Case])[],
): [string, string, Case, Analyte][] {
  return [...CALCIUM, ...ELECTROLYTES, ...KIDNEY, ...SLOW, ...BEDSIDE].flatMap((analyte) =>
    casesOf(analyte).map(([said, given]): [string, string, Case, Analyte] => [titleOf(analyte), said, given, analyte]),
  );
}

function titleOf({ name, part }: Analyte): string {
  return part === 'component' ? `${name} in a panel` : name;
}

describe('a result of each kind', () => {
  it.each(
    forEach(({ written }) =>
      written.flatMap(([value, unit]): [string, Partial<Quantity>][] => [
        [`${value} ${unit}`, { value, unit, code: unit }],
        ...spellings
          .filter(([, canonical]) => canonical === unit)
          .slice(-1)
          .map(([text]): [string, Partial<Quantity>] => [
            `${value} "${text}", as text only`,
            { value, unit: text, code: undefined, system: undefined },
          ]),
      ]),
    ),
  )('%s is the same finding as %s', async (_title, _said, quantity, analyte) => {
    await expectRead(analyte, observation(analyte, {}, quantity));
  });

  it.each(
    forEach(({ codes, part, system = 'http://loinc.org' }) =>
      part === 'component' ? [] : codes.map((code) => [code, { coding: [{ system, code }] }]),
    ),
  )('%s is read by the code %s', async (_title, _said, code, analyte) => {
    await expectRead(analyte, observation(analyte, { code }));
  });

  it.each(forEach(({ refusedCodes = [] }) => refusedCodes.map((code) => [code, loinc(code)])))(
    '%s is not read by the code %s, and nothing is said of it',
    async (_title, _said, code, analyte) => {
      await expectSilentlyLeftOut(analyte, observation(analyte, { code }));
    },
  );

  it.each(
    forEach(({ refusedUnit }): [string, Partial<Quantity>][] => [
      [`in ${refusedUnit}`, { unit: refusedUnit, code: refusedUnit }],
      ['without a unit', { unit: undefined, code: undefined, system: undefined }],
    ]),
  )('%s is left out and named %s', async (_title, _said, quantity, analyte) => {
    await expectNamed(analyte, observation(analyte, {}, quantity), 'has a unit that cannot be read');
  });

  it.each(
    forEach((): [string, Partial<Observation>][] => [
      ['there is only a text', { valueQuantity: undefined, valueString: 'see comment' }],
    ]),
  )('%s is left out and named when %s', async (_title, _said, value, analyte) => {
    await expectNamed(analyte, observation(analyte, value), 'has no number');
  });

  it.each(forEach(() => [['-1', { value: -1 }]]))(
    '%s is left out and named at %s',
    async (_title, _said, value, analyte) => {
      await expectNamed(analyte, observation(analyte, {}, value), 'is implausible');
    },
  );

  it.each(forEach(() => READ.map((status) => [status, status])))(
    '%s is read with status %s',
    async (_title, _said, status, analyte) => {
      await expectRead(analyte, { ...observation(analyte), status });
    },
  );

  it.each(forEach(() => [[NOT_READ.join(', '), NOT_READ]]))(
    '%s is left out without a word with any other status: %s',
    async (_title, _said, others, analyte) => {
      const results = others.map((status) => ({ ...observation(analyte), id: status, status }));
      await expectSilentlyLeftOut(analyte, results[0]!, ...results.slice(1));
    },
  );

  it.each(
    forEach(({ settling }) =>
      settling === undefined ? [] : [[settling.join(''), { comparator: settling[0], value: settling[1] }]],
    ),
  )('%s is read as a bound that settles it, %s', async (_title, _said, bound, analyte) => {
    await expectRead(analyte, observation(analyte, {}, bound));
  });

  it.each(forEach(({ open: [comparator, value] }) => [[`${comparator}${value}`, { comparator, value }]]))(
    '%s is left out and named as a bound that settles nothing, %s',
    async (_title, _said, bound, analyte) => {
      await expectNamed(analyte, observation(analyte, {}, bound), 'is only a bound');
    },
  );

  it.each(forEach(() => FAULTY_TIMES))(
    '%s is left out and named when taken %s',
    async (_title, _said, { time, why }, analyte) => {
      await expectNamed(analyte, { ...observation(analyte), ...time }, why);
    },
  );

  it.each(forEach(({ paired }) => (paired === true ? [] : TIMES)))(
    '%s is read when taken %s',
    async (_title, _said, time, analyte) => {
      await expectRead(analyte, { ...observation(analyte), ...time });
    },
  );

  it.each(forEach(({ duringDialysis }) => (duringDialysis === undefined ? [] : [[duringDialysis, duringDialysis]])))(
    '%s of a sample during haemodialysis is %s',
    async (_title, _said, sampled, analyte) => {
      const session = analyte.around.includes(SESSION) ? [] : [SESSION];
      if (sampled === 'read') await expectRead(analyte, observation(analyte), ...session);
      else await expectNamed(analyte, observation(analyte), 'was drawn during or soon after dialysis', ...session);
    },
  );

  it.each(forEach(({ name }) => [[name === 'potassium' ? 'left out and named' : 'read', name === 'potassium']]))(
    '%s with a note on haemolysis is %s',
    async (_title, _said, spoiled, analyte) => {
      const result = { ...observation(analyte), note: [{ text: 'Sample haemolysed' }] };
      if (spoiled) await expectNamed(analyte, result, 'is from a haemolysed sample');
      else await expectRead(analyte, result);
    },
  );
});
