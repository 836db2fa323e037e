import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { exportGroup } from '../../../src/patient-data/bulk-export.js';
import { BulkServer } from '../../../src/patient-data/bulk-server.js';
import { hapiUrl, store } from '../../support/hapi.js';
import { kidneyPatient, NOW } from '../../support/kidney-patient.js';
import { linesOf, panelEnd, type ToldRow } from '../../support/panel-command.js';

const LONG = 600_000;
/** HAPI asks for two minutes between two questions, and is done after seconds. */
const LONGEST_PAUSE_MS = 2_000;
const MEMBERS = ['export-a', 'export-b'];

const scratch = mkdtempSync(join(tmpdir(), 'group-export-'));
const folder = join(scratch, 'export');
const told: string[] = [];

beforeAll(async () => {
  const server = await hapiUrl();
  const group: FhirResource = {
    resourceType: 'Group',
    id: 'export-unit',
    type: 'person',
    actual: true,
    member: MEMBERS.map((id) => ({ entity: { reference: `Patient/${id}` } })),
  };
  await store(server, [
    ...kidneyPatient('export-a', { calcium: 7.8, phosphate: 6.2 }),
    ...kidneyPatient('export-b'),
    ...kidneyPatient('export-stranger', { calcium: 7.8, phosphate: 6.2 }),
    group,
  ]);
  const allowed = [{ url: server, addresses: ['127.0.0.1/32'], insecure: true }];
  const bulk = BulkServer.open(server, { allowed, token: undefined });
  try {
    await exportGroup(bulk, {
      group: 'Group/export-unit',
      types: ['Patient', 'Condition', 'Observation', 'MedicationRequest'],
      shared: ['Medication'],
      folder,
      signal: AbortSignal.timeout(LONG),
      wait: (ms) => pause(Math.min(ms, LONGEST_PAUSE_MS)),
      mostBytes: 1e8,
      tell: (line) => void told.push(line),
    });
  } finally {
    await bulk.close();
  }
}, LONG);
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe('a Group of a real FHIR server', () => {
  it('is exported by that server and judged, its members and nobody else', async () => {
    const out = join(scratch, 'out');
    const { code } = await panelEnd([folder, '--now', NOW.toISOString(), '--out', out, '--workers', '1']);
    expect(code).toBe(0);
    const rows = linesOf<ToldRow>(join(out, 'results.ndjson')).map(({ patient, top }) => [patient, top?.id ?? null]);
    expect(rows.sort()).toEqual([
      ['export-a', 'low-calcium-phosphate-retention'],
      ['export-b', null],
    ]);
  }, 60_000);

  it('is exported without the Medication resources, which this server refuses to export with a Group', () => {
    expect(told).toContain('The server refused an export with Medication (400); it is asked for the rest.');
    expect(told).toContain('The export is being made ...');
  });
});
