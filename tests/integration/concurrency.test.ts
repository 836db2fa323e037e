import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import type { Card } from '../../src/cds-hooks.js';
import { type ComposedService, findingsOf, startComposedService } from '../support/composed-service.js';
import { furosemide, kidneyPatient, NOW } from '../support/kidney-patient.js';

const ROUNDS = 100;
const CALCIUM = [7.51, 7.52, 7.53, 7.54, 7.55, 7.56, 7.57, 7.58, 7.59, 7.61];

interface Chart {
  calcium: number;
  id: string;
  resources: FhirResource[];
}

/** Alike but for the calcium and for who has a diuretic or a high phosphate too. */
const charts: Chart[] = CALCIUM.map((calcium, index) => {
  const id = `concurrent-${index}`;
  const labs = kidneyPatient(id, { calcium, phosphate: index % 3 === 0 ? 6.2 : 3.9 });
  return { calcium, id, resources: index % 2 === 0 ? [...labs, furosemide(id)] : labs };
});

let service: ComposedService;
beforeAll(async () => {
  service = await startComposedService();
});
afterAll(async () => {
  await service.close();
});

describe('ten charts opened at the same time', () => {
  it('get each the answer they get alone, a hundred times', async () => {
    const alone = await inTurn(charts);
    expect(alone.map(ownCalcium)).toEqual(charts.map(({ calcium, id }) => [[calcium], [id]]));
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = rotated(charts, round);
      const together = await Promise.all(order.map(answer));
      expect(together.map(withoutUuids)).toEqual(rotated(alone, round).map(withoutUuids));
    }
    expect(new Set(alone.map((cards) => JSON.stringify(withoutUuids(cards)))).size).toBe(charts.length);
  }, 900_000);
});

async function answer({ resources }: Chart): Promise<Card[]> {
  const { status, cards } = await service.openChart(resources, NOW);
  expect(status).toBe(200);
  return cards;
}

async function inTurn(some: readonly Chart[]): Promise<Card[][]> {
  const answers: Card[][] = [];
  for (const each of some) answers.push(await answer(each));
  return answers;
}

function rotated<Item>(list: readonly Item[], by: number): Item[] {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** The total calcium values an answer names, and whose resources. */
function ownCalcium(cards: Card[]): [number[], string[]] {
  const lines = cards.flatMap(findingsOf).flatMap(({ evidence }) => evidence);
  const calcium = lines.filter(({ reference }) => reference?.endsWith('-calcium') === true);
  const patients = lines.flatMap(({ reference }) => reference?.replace(/^\w+\/(concurrent-\d+)-.*$/, '$1') ?? []);
  return [[...new Set(calcium.flatMap(({ value }) => value ?? []))], [...new Set(patients)]];
}

/** Fresh for every card and suggestion. */
function withoutUuids(cards: Card[]): unknown {
  return JSON.parse(JSON.stringify(cards), (key, value) => (key === 'uuid' ? undefined : value));
}
