import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answersTo } from '../contract/answered-cases.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { readRealPatients, realPatientsFolder, withCramp } from '../support/real-patients.js';
import { lacksOf } from '../support/whole-card.js';
import { readCases } from '../vignettes/case-file.js';

const cases = readCases(join(import.meta.dirname, '../vignettes'));
const folder = realPatientsFolder();
const patients = folder === undefined ? [] : readRealPatients(folder);

let service: ComposedService;
beforeAll(async () => {
  service = await startComposedService();
});
afterAll(() => service.close());

describe('the cards', () => {
  it('tell value, unit, date, limit and source of each finding, and what was missing, in every vignette', async () => {
    const answers = await answersTo(service, cases);
    const cards = answers.flatMap(({ name, cards: own }) => own.map((card) => ({ name, card })));
    expect(cards.length).toBeGreaterThan(500);
    const lacks = cards.flatMap(({ name, card }) => lacksOf(card).map((lack) => `${name}: ${lack}`));
    expect(lacks).toEqual([]);
  });
});

const describeWhenThere = folder === undefined ? describe.skip : describe;

describeWhenThere('the cards of real patients (their folder is not in this repository)', () => {
  it.each(patients.map((patient) => [patient.file, patient] as const))('tell the same: %s', async (_file, patient) => {
    const { cards } = await service.openChart(withCramp(patient), patient.now);
    expect(cards.flatMap(lacksOf)).toEqual([]);
  });
});
