import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDERS } from '../../src/folders.js';
import type { PatientRecord } from '../../src/patient-record.js';
import { nodesOf } from '../../src/reasoning/elm-library.js';
import type { Moment } from '../../src/reasoning/moment.js';
import { type CodesByType, NOW, RecordMaker } from './record-maker.js';
import { readValueSets, type ValueSetCode } from '../../src/reasoning/value-sets.js';

/** Made by a seed, so that a failure can be played again. */
export interface GeneratedCase {
  record: PatientRecord;
  moment: Moment;
}

export function codesRetrieved(): CodesByType {
  const trees = readdirSync(FOLDERS.elm).map((name): unknown =>
    JSON.parse(readFileSync(join(FOLDERS.elm, name), 'utf8')),
  );
  const nodes = trees.flatMap(nodesOf);
  const urls = new Map(
    nodes.filter(({ id }) => String(id).startsWith('http')).map(({ name, id }) => [name, String(id)]),
  );
  const sets = readValueSets(FOLDERS.valueSets);
  const found = new Map<string, (readonly ValueSetCode[])[]>();
  for (const node of nodes.filter(({ type }) => type === 'Retrieve')) {
    const type = String(node['dataType']).replace(/^\{.*\}/, '');
    const named = nodesOf(node['codes']).find((each) => each['type'] === 'ValueSetRef');
    const codes = sets.get(urls.get(named?.['name']) ?? '')?.codes ?? [];
    if (codes.length > 0) found.set(type, [...(found.get(type) ?? []), codes]);
  }
  return found;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A patient whom most rules may speak about, with everything a record gets wrong: partial dates, several offsets,
 * missing numbers, foreign units, bounds, results of one moment, orders of the context.
 */
export function generatedCase(seed: number, codes: CodesByType): GeneratedCase {
  const next = numbersFrom(seed);
  const make = new RecordMaker(next, codes);
  const resources = make.resources();
  const patient = make.patient();
  const orders = resources.filter(({ resourceType }) => resourceType === 'MedicationRequest').map(({ id = '' }) => id);
  const record: PatientRecord = {
    patientId: 'p',
    patient,
    resources: [patient, ...resources],
    ...(next() < 0.3 ? { encounterId: 'encounter' } : {}),
    ordersInContext: orders.filter(() => next() < 0.1),
    draftsToJudge: orders.filter(() => next() < 0.6),
    gaps: [],
  };
  return { record, moment: { now: NOW, offsetMinutes: make.one([0, 0, 0, 60, 330, -300]) } };
}
