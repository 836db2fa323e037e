import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import type { CdsResponse } from '../../../src/cds-hooks.js';
import { lasting, serviceBeside } from '../../support/chart-by-callback.js';
import type { ComposedService } from '../../support/composed-service.js';
import { hapiUrl, store } from '../../support/hapi.js';
import { postJson } from '../../support/http-service.js';
import { brokenRules, differences } from '../../vignettes/card-checks.js';
import { type NamedCase, readCases } from '../../vignettes/case-file.js';
import { hookRequest, resourcesOf } from '../../vignettes/hook-client.js';
import { underIdsOf } from './own-ids.js';

const RECORDS_AT_ONCE = 20;
/** A server that runs on may hold the records of an earlier run. */
const RUN = Date.now().toString(36);
const all = readCases(join(import.meta.dirname, '../../vignettes'));

/** Of every file the case that shows most: the others differ in numbers and dates, which are nothing to the server. */
const cases = all
  .filter((each) => each === mostTellingOf(all.filter((other) => fileOf(other) === fileOf(each))))
  .map(({ name, played }, index) => ({ name, ...underIdsOf(`case-${RUN}-${index}`, played, resourcesOf(played)) }));

function mostTellingOf(ofFile: readonly NamedCase[]): NamedCase | undefined {
  const findings = ({ played }: NamedCase) => played.expect.findings?.length ?? 0;
  return ofFile.toSorted((one, other) => findings(other) - findings(one))[0];
}

function fileOf({ library, played }: NamedCase): string {
  return `${library}: ${played.title}`;
}

let server: string;
let service: ComposedService;

beforeAll(async () => {
  server = await hapiUrl();
  service = await serviceBeside(server);
  for (let first = 0; first < cases.length; first += RECORDS_AT_ONCE) {
    await store(
      server,
      cases.slice(first, first + RECORDS_AT_ONCE).flatMap(({ resources }) => resources.record),
    );
  }
}, 600_000);
afterAll(() => service.close());

async function answer(hook: string, body: unknown) {
  const { id } = service.services.find((each) => each.hook === hook)!;
  const response = await postJson(`${service.url}/cds-services/${id}`, JSON.stringify(body));
  expect(response.status).toBe(200);
  // What is wrong with it shows in the expectations.
  return lasting((await response.json()) as CdsResponse);
}

describe('vignettes whose records a FHIR server holds', () => {
  it.each(cases.map((each): [string, (typeof cases)[number]] => [each.name, each]))('%s', async (_, each) => {
    const { played, resources } = each;
    const described = service.services.find(({ hook }) => hook === played.hook)!;
    const { prefetch, ...called } = hookRequest(played, resources, described);
    const byCallback = await answer(played.hook, { ...called, fhirServer: server });
    const record: FhirResource[] = [...resources.record, ...resources.drafts];
    expect(differences(played.expect, byCallback)).toEqual([]);
    expect(brokenRules(byCallback, record)).toEqual([]);
    expect(byCallback).toEqual(await answer(played.hook, { ...called, prefetch }));
  });
});
