import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { panelEnd, type PanelEnd } from '../support/panel-command.js';
import { realPatientsFolder } from '../support/real-patients.js';

const folder = realPatientsFolder();
if (folder === undefined) process.stderr.write('report on real patients: left out, their folder is not here\n');
const describeWhenThere = folder === undefined ? describe.skip : describe;
const out = mkdtempSync(join(tmpdir(), 'panel-real-'));

describeWhenThere('"What would it do here?" on real patients, each as of its newest entry', () => {
  let end: PanelEnd;
  let report: string;
  beforeAll(async () => {
    end = await panelEnd([folder ?? '', '--report', '--now', 'record', '--out', out, '--workers', '1']);
    report = readFileSync(join(out, 'report.txt'), 'utf8');
  }, 120_000);
  afterAll(() => {
    rmSync(out, { recursive: true, force: true });
  });

  it('says how often each hook would speak, and what leads', () => {
    expect(end).toMatchObject({ code: 0, out: report });
    expect(report).toContain(`How often each hook would speak, of 23 patients
       3  patient-view (critical 3, warning 0, info 0, silent 20)
       4  order-select (critical 3, warning 1, info 0, silent 19)
       4  order-sign (critical 3, warning 1, info 0, silent 19)
`);
    expect(report).toContain(`Critical cards, by what leads them
       3  severe-hypocalcaemia-no-cramp-recorded on order-select
       3  severe-hypocalcaemia-no-cramp-recorded on order-sign
       3  severe-hypocalcaemia-no-cramp-recorded on patient-view
`);
    expect(report).not.toContain('Records that could not be judged');
  });

  it('lists the words and codes that are not understood; of the units, pounds among them, all are', () => {
    expect(report).not.toContain('Results that would be used but for their unit');
    expect(report).toContain('Results that would be used but are words, not numbers\n      25  33914-3\n');
    expect(report).toMatch(/^Observation: coded in a system that no rule knows .*\n.* \| 50902 \| Chloride$/m);
    expect(report).toMatch(/^ +24 {2}http:\/\/hl7\.org\/fhir\/sid\/ndc \| 63323026201 \| Heparin$/m);
  });
});
