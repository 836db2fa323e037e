import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CodeableConcept, FhirResource, Observation, Procedure } from 'fhir/r4.js';
import { ServiceError } from '../../src/errors.js';
import type { Card } from '../../src/cds-hooks.js';
import { type ComposedService, findingsOf, patientView, startComposedService } from '../support/composed-service.js';
import { FaultServer, json } from '../support/fault-server.js';
import { postJson } from '../support/http-service.js';
import { condition, daysAgo, kidneyPatient, NOW, result } from '../support/kidney-patient.js';
import { copyKnowledge } from '../support/knowledge-copy.js';
import { startError } from '../support/start-error.js';

/** A code system of nobody. */
const LOCAL = 'urn:oid:2.16.999.1';
const CODES = `
Haemodialysis: [{ system: '${LOCAL}', code: DIA-HD, display: Haemodialysis session }]
ultrafiltration-volume: [{ system: '${LOCAL}', code: UFV }]
Weight After Dialysis: [{ system: '${LOCAL}', code: WPOST }]
Cramp Symptom Observation: [{ system: '${LOCAL}', code: Q7, display: Which complaint? }]
ecgOrder: { system: '${LOCAL}', code: E12 }
`;

const folder = mkdtempSync(join(tmpdir(), 'site-codes-'));
const SITE_CODES = join(folder, 'site.yaml');
let plain: ComposedService;
let site: ComposedService;
beforeAll(async () => {
  writeFileSync(SITE_CODES, CODES);
  plain = await startComposedService();
  site = await startComposedService(undefined, { SITE_CODES });
});
afterAll(async () => {
  await Promise.all([plain.close(), site.close()]);
  rmSync(folder, { recursive: true });
});

const hours = (before: number) => new Date(NOW.getTime() - before * 3_600_000).toISOString();
const coded = (code: string): CodeableConcept => ({ coding: [{ system: LOCAL, code }] });

/** A stage 5 patient with a cramp, without dialysis in any code but the site's own. */
function withSession(id: string): FhirResource[] {
  const subject = { reference: `Patient/${id}` };
  const session: Procedure = {
    resourceType: 'Procedure',
    id: `${id}-session`,
    status: 'completed',
    subject,
    code: coded('DIA-HD'),
    performedPeriod: { start: hours(30), end: hours(26) },
  };
  const measured = (code: string, value: number, unit: string): Observation => ({
    ...result(id, code, { code, value, unit }, hours(26)),
    code: coded(code),
    partOf: [{ reference: `Procedure/${id}-session` }],
  });
  return [...kidneyPatient(id), session, measured('UFV', 4200, 'mL'), measured('WPOST', 70, 'kg')];
}

/** The same without a cramp on the problem list: an answer of the site's symptom form says it. */
function withAnswer(id: string, code: string): FhirResource[] {
  const answer: Observation = {
    resourceType: 'Observation',
    id: `${id}-answer`,
    status: 'final',
    subject: { reference: `Patient/${id}` },
    code: coded(code),
    effectiveDateTime: daysAgo(3),
    valueCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'R25.2' }] },
  };
  const resources = kidneyPatient(id, { calcium: 7.8, phosphate: 6.2 });
  return [...resources.filter((resource) => resource.id !== `${id}-cramp`), answer];
}

const ids = (cards: Parameters<typeof findingsOf>[0][]) => cards.flatMap(findingsOf).map((finding) => finding.id);

describe('with SITE_CODES', () => {
  it('asks the EHR for the codes of the site too', () => {
    const prefetch = site.services[0]?.prefetch ?? {};
    expect(prefetch['procedures']).toMatch(/[=,]DIA-HD[,&]/);
    for (const code of ['UFV', 'WPOST', 'Q7']) expect(prefetch['bedside']).toMatch(new RegExp(`[=,]${code}[,&]`));
    expect(JSON.stringify(plain.services)).not.toMatch(/DIA-HD|UFV|WPOST|Q7/);
  });

  it('knows a haemodialysis patient by a local procedure code, and reads local ultrafiltration and weight', async () => {
    const { cards } = await site.openChart(withSession('hd'), NOW);
    const [finding] = cards.flatMap(findingsOf);
    expect(finding).toMatchObject({ id: 'high-ultrafiltration', points: 60 });
    expect(finding?.evidence.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Ultrafiltration rate 15\.0 mL\/kg\/h /),
      expect.stringMatching(/^Ultrafiltration volume 4200 mL /),
      expect.stringMatching(/^Weight after dialysis 70(\.0)? kg /),
      expect.stringMatching(/^Session of 4(\.0)? hours /),
    ]);
  });

  it('hears a cramp in the answer to a question of the site', async () => {
    const { cards } = await site.openChart(withAnswer('answer', 'Q7'), NOW);
    expect(ids(cards)).toContain('low-calcium-phosphate-retention');
  });

  it('does not hear it in the answer to another question', async () => {
    const { cards } = await site.openChart(withAnswer('other', 'Q8'), NOW);
    expect(cards).toEqual([]);
  });

  it('takes a code of another system for nothing', async () => {
    const elsewhere = JSON.stringify(withSession('elsewhere')).replaceAll(LOCAL, 'urn:oid:2.16.999.2');
    const { cards } = await site.openChart(JSON.parse(elsewhere), NOW);
    expect(ids(cards)).not.toContain('high-ultrafiltration');
  });
});

describe('without SITE_CODES', () => {
  it('knows none of these codes', async () => {
    expect(ids((await plain.openChart(withSession('hd'), NOW)).cards)).not.toContain('high-ultrafiltration');
    expect((await plain.openChart(withAnswer('answer', 'Q7'), NOW)).cards).toEqual([]);
  });
});

describe('an order only the site has a code for', () => {
  // Ionised calcium stands for it here: the card of a low total calcium asks for it.
  const patient = kidneyPatient('order', { calcium: 7.8, phosphate: 6.2 });
  const toSiteOrder = (text: string) => text.replace('ECG: ecgOrder', "'1995-0': ecgOrder");
  const codesSuggested = async (settings: Record<string, string>) => {
    const copy = copyKnowledge();
    copy.edit('cards', 'policy.yaml', toSiteOrder);
    const service = await startComposedService(copy.folders, settings);
    const { cards } = await service.openChart(patient, NOW);
    await service.close();
    copy.remove();
    const actions = cards.flatMap(({ suggestions = [] }) => suggestions.flatMap((each) => each.actions ?? []));
    return actions.flatMap((action) =>
      'resource' in action && 'code' in action.resource ? [action.resource.code] : [],
    );
  };

  it('is suggested by the code of the site', async () => {
    expect(await codesSuggested({ SITE_CODES })).toContainEqual({
      coding: [{ system: LOCAL, code: 'E12', display: 'ionised calcium' }],
      text: 'ionised calcium',
    });
  });

  it('is no suggestion without one', async () => {
    expect(JSON.stringify(await codesSuggested({}))).not.toMatch(/ionised/);
  });
});

describe('a file that cannot be used', () => {
  it.each([
    [
      'an unknown value set',
      "Hemodialysis: [{ system: 'a:b', code: c }]",
      /names no value set of ours: Hemodialysis\./,
    ],
    ['a wrong shape', 'Haemodialysis: yes', /Haemodialysis must be a list of codes/],
    [
      'so many codes that a query grows too long',
      JSON.stringify({ Phosphate: Array.from({ length: 1400 }, (_, index) => ({ system: LOCAL, code: `P${index}` })) }),
      /makes queries longer than 6000 characters: labs/,
    ],
  ])('keeps the service from starting: %s', async (_, content, message) => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, content);
    const error = await startError(undefined, { SITE_CODES: path });
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: 'invalid-config', message: expect.stringMatching(message) });
  });

  it('asks the FHIR server by POST where the codes are too many for a URL', async () => {
    const path = join(folder, 'long.yaml');
    const many = Array.from({ length: 400 }, (_, index) => ({ system: LOCAL, code: `P${index}` }));
    writeFileSync(path, JSON.stringify({ Phosphate: many }));
    const record = kidneyPatient('p', { calcium: 7.8 }).filter(({ id }) => id !== 'p-phosphate');
    const measured = result('p', 'own', { code: '', value: 6.2, unit: 'mg/dL' }, daysAgo(2));
    const phosphate = { ...measured, code: coded('P399') };
    const labs = [...record.filter(({ resourceType }) => resourceType === 'Observation'), phosphate];
    const found = { resourceType: 'Bundle', entry: labs.map((resource) => ({ resource })) };
    const server = await FaultServer.open(record);
    server.answer(/^Observation\/_search$/, json(found));
    const service = await startComposedService(undefined, { SITE_CODES: path, FHIR_SERVERS: server.url });
    const { prefetch: _none, ...call } = patientView(service.services[0]!, record, NOW);
    const response = await postJson(
      `${service.url}/cds-services/renal-cramps-patient-view`,
      JSON.stringify({ ...call, fhirServer: server.url }),
    );
    const { cards }: { cards: Card[] } = JSON.parse(await response.text());
    await Promise.all([service.close(), server.close()]);
    expect(ids(cards)).toContain('low-calcium-phosphate-retention');
    expect(server.calls.filter(({ target }) => target === 'Observation/_search')).toHaveLength(1);
    expect(Math.max(...server.calls.map(({ target }) => target.length))).toBeLessThan(2_000);
  });

  it('lets a long list of conditions pass, since these are not asked for by code', async () => {
    const path = join(folder, 'many.yaml');
    const many = Array.from({ length: 1500 }, (_, index) => ({ system: LOCAL, code: `C${index}` }));
    writeFileSync(path, JSON.stringify({ 'Muscle Cramp': many }));
    const service = await startComposedService(undefined, { SITE_CODES: path });
    const own = {
      ...condition('own', 'cramp', { code: 'x', display: 'Wadenkrampf' }, daysAgo(10)),
      code: coded('C1499'),
    };
    const resources = kidneyPatient('own', { calcium: 7.8, phosphate: 6.2 }).filter(({ id }) => id !== 'own-cramp');
    const { cards } = await service.openChart([...resources, own], NOW);
    await service.close();
    expect(ids(cards)).toContain('low-calcium-phosphate-retention');
  });
});
