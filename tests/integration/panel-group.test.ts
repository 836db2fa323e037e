import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { ExportServer } from '../support/export-server.js';
import { NOW } from '../support/kidney-patient.js';
import { linesOf, panelEnd, type ToldRow } from '../support/panel-command.js';

const folder = mkdtempSync(join(tmpdir(), 'panel-group-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('judges the panel of a Group from what its server exports', async () => {
  const server = await new ExportServer().open();
  const out = join(folder, 'out');
  writeFileSync(join(folder, 'token'), 'secret\n');
  const args = [`${server.url}/Group/g`, '--now', NOW.toISOString(), '--token-file', join(folder, 'token')];

  const end = await panelEnd([...args, '--out', out, '--workers', '1'], { env: { FHIR_SERVERS: server.url } });
  server.close();

  expect(end).toMatchObject({ code: 0 });
  expect(server.calls.map(({ headers }) => headers.authorization)).toEqual(server.calls.map(() => 'Bearer secret'));
  const rows = linesOf<ToldRow>(join(out, 'results.ndjson')).map(({ patient, top }) => [patient, top?.id ?? null]);
  expect(rows.sort()).toEqual([
    ['a', 'low-calcium-phosphate-retention'],
    ['b', null],
  ]);
  expect(existsSync(join(out, 'export'))).toBe(false);
  expect(`${end.out}${end.error}`).not.toContain('secret');
});
