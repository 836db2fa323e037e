import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { partition } from '../../../src/panel/partition.js';
import { patientIdOf } from '../../../src/patient-data/belongs-to-patient.js';

const folder = mkdtempSync(join(tmpdir(), 'partition-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const types = new Set(['Patient', 'Observation', 'MedicationRequest']);
const named = (id: string) => ({ subject: { reference: `Patient/${id}` } });

describe('the partition of an export', () => {
  it('brings together what is of one patient, and the drugs that their orders refer to', async () => {
    const order = (id: string, drug: string) => ({
      resourceType: 'MedicationRequest',
      ...named(id),
      medicationReference: { reference: `Medication/${drug}` },
    });
    const lines = [
      JSON.stringify({ resourceType: 'Medication', id: 'm1' }),
      JSON.stringify({ resourceType: 'Medication', id: 'unused' }),
      JSON.stringify({ resourceType: 'Observation', ...named('a') }),
      JSON.stringify({ resourceType: 'Observation', subject: { reference: 'https://f.example/Patient/a' } }),
      JSON.stringify({ resourceType: 'Encounter', ...named('a') }),
      JSON.stringify({ resourceType: 'Observation', subject: { display: 'nobody' } }),
      JSON.stringify(order('a', 'm1')),
      JSON.stringify(order('b', 'm1')),
      JSON.stringify({ resourceType: 'Patient', id: 'a' }),
      '{"resourceType":',
    ];
    const path = join(folder, 'all.ndjson');
    writeFileSync(path, lines.join('\n'));

    const buckets = await partition([{ path, bytes: 1 }], join(folder, 'parts'), { patientIdOf, types });

    const found = buckets.flatMap((bucket) => readFileSync(bucket, 'utf8').trimEnd().split('\n'));
    const kinds = found.map((line) => [line.split('\t')[0], JSON.parse(line.split('\t')[1] ?? '')?.resourceType]);
    expect(kinds.map(String).sort()).toEqual(
      [
        ['', undefined],
        ['a', 'Medication'],
        ['a', 'MedicationRequest'],
        ['a', 'Observation'],
        ['a', 'Observation'],
        ['a', 'Patient'],
        ['b', 'Medication'],
        ['b', 'MedicationRequest'],
      ].map(String),
    );
  });
});
