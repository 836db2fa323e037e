import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Bundle, Encounter, FhirResource, Observation, Patient } from 'fhir/r4.js';
import { parse } from 'yaml';
import { run } from '../../support/command.js';
import { hapiUrl } from '../../support/hapi.js';
import { daysAgo, result } from '../../support/kidney-patient.js';

const POTASSIUM = { code: '2823-3', value: 4.2, unit: 'mmol/L' };
const URN = 'urn:uuid:0d91b8dc-25bd-4b55-a90c-b56be40031df';

let server: string;
let folder: string;
beforeAll(async () => {
  server = await hapiUrl();
}, 300_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hapi-load-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

async function load(...paths: string[]) {
  const command = run(process.execPath, ['tests/hapi/load.mjs', '--server', server, ...paths]);
  return { code: await command.ends(), output: command.output().replaceAll(`${folder}/`, '') };
}

async function get<Resource extends FhirResource>(path: string): Promise<Resource> {
  // What it is not shows in the expectations of the test.
  return (await (await fetch(`${server}/${path}`)).json()) as Resource;
}

async function found(query: string): Promise<FhirResource[]> {
  return ((await get<Bundle<FhirResource>>(query)).entry ?? []).flatMap(({ resource }) => resource ?? []);
}

describe('hapi:load', () => {
  it('keeps the ids of a searchset, digits alone too, and makes references by address its own', async () => {
    const base = 'https://ehr.example/fhir';
    const observation: Observation = {
      ...result('90210', 'potassium', POTASSIUM, daysAgo(1)),
      id: '90211',
      subject: { reference: `${base}/Patient/90210` },
      performer: [{ reference: 'Practitioner/90212' }],
    };
    const searchset: Bundle<FhirResource> = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [
        { fullUrl: `${base}/Observation/90211`, resource: observation },
        { fullUrl: `${base}/Patient/90210`, resource: { resourceType: 'Patient', id: '90210' } },
        { search: { mode: 'outcome' }, resource: { resourceType: 'OperationOutcome', issue: [] } },
      ],
    };
    expect(await load(file('searchset.json', searchset))).toEqual({
      code: 0,
      output: 'searchset.json: 2 loaded, of Patient/90210\n',
    });
    const [stored] = (await found('Observation?patient=90210')) as Observation[];
    expect([stored?.id, stored?.subject?.reference]).toEqual(['90211', 'Patient/90210']);
    expect(stored?.performer).toEqual([{ reference: 'Practitioner/90212' }]);
  });

  it('takes a collection twice without a second copy', async () => {
    const entry = [
      { resource: { resourceType: 'Patient' as const, id: 'collected' } },
      { resource: result('collected', 'potassium', POTASSIUM, daysAgo(1)) },
    ];
    const path = file('collection.json', { resourceType: 'Bundle', type: 'collection', entry });
    const loaded = { code: 0, output: 'collection.json: 2 loaded, of Patient/collected\n' };
    expect([await load(path), await load(path)]).toEqual([loaded, loaded]);
    expect(await found('Observation?patient=collected')).toHaveLength(1);
  });

  it('sends a transaction as it is, but for references to what an excerpt left out', async () => {
    const patient: Patient = { resourceType: 'Patient', name: [{ family: 'Created' }] };
    const encounter: Encounter = {
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: URN },
      participant: [
        { individual: { reference: 'urn:uuid:11cb6f4d-10ad-4f18-bc2d-7ed1d4ca0e7e', display: 'Left out' } },
      ],
    };
    const entry = [
      { fullUrl: URN, resource: patient, request: { method: 'POST' as const, url: 'Patient' } },
      { resource: encounter, request: { method: 'POST' as const, url: 'Encounter' } },
    ];
    const { code, output } = await load(file('created.json', { resourceType: 'Bundle', type: 'transaction', entry }));
    const [, id] = /^created\.json: 2 loaded, of Patient\/(.+)\n$/.exec(output)!;
    expect(code).toBe(0);
    const [stored] = (await found(`Encounter?patient=${id!}`)) as Encounter[];
    expect(stored?.participant).toEqual([{ individual: { display: 'Left out' } }]);
  });

  it('takes a folder, and names the files that are no resources', async () => {
    mkdirSync(join(folder, 'more'));
    file('manifest.json', { patients: 2 });
    file('first.json', { resourceType: 'Patient', id: 'first' });
    file('more/second.json', { resourceType: 'Patient', id: 'second' });
    expect(await load(folder)).toEqual({
      code: 0,
      output:
        'manifest.json: no FHIR resource, left out\n' +
        'first.json: 1 loaded, of Patient/first\n' +
        'more/second.json: 1 loaded, of Patient/second\n',
    });
  });

  it('loads the sample patients as docker-compose.yml does, and says what to try with them', async () => {
    const file = parse(readFileSync(join(import.meta.dirname, '../../../docker-compose.yml'), 'utf8'));
    const command: string[] = file.services.samples.command;
    const [node, ...args] = command.map((part) => part.replace('http://hapi:8080/fhir', server));
    const loading = run(node!, args);
    expect(await loading.ends()).toBe(0);
    expect(loading.output()).toContain('sample-phosphate: 34 loaded, of Patient/sample-phosphate\n');
    expect(loading.output()).toMatch(
      /curl -s http:\/\/localhost:3000\/cds-services\/renal-cramps-patient-view .*"patientId":"sample/,
    );
    expect(loading.output()).toContain('The FHIR server: http://localhost:8080/fhir/Patient');
    expect(loading.output()).toContain(`"fhirServer":"${server}"`);
    expect(await found('Condition?patient=sample-phosphate')).not.toEqual([]);
  });

  it('ends with 1 and what the server said when it refuses', async () => {
    const path = file('wrong.json', { resourceType: 'Patient', id: 'wrong', birthDate: 'yesterday' });
    const { code, output } = await load(path);
    expect(code).toBe(1);
    expect(output).toMatch(/^wrong\.json was not loaded: HAPI-\d+: .*yesterday/);
  });

  it('ends with 1 and a line that says so when there is nothing to load or to read', async () => {
    expect(await load()).toEqual({ code: 1, output: 'Name a file or a folder of FHIR Bundles in JSON.\n' });
    expect((await load(file('list.json', []))).output).toBe('list.json is no FHIR resource.\n');
    expect((await load(join(folder, 'none.json'))).output).toBe('none.json cannot be read.\n');
  });
});
