import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CdsResponse, CdsService } from '../../src/cds-hooks.js';
import { composeService } from '../../src/compose.js';
import { readConfig } from '../../src/config.js';
import { listen, type Listening } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { forgetfulStore } from '../support/forgetful-store.js';
import { brokenRules, differences } from './card-checks.js';
import { readCases } from './case-file.js';
import { hookRequest, resourcesOf } from './hook-client.js';

const cases = readCases(import.meta.dirname);
let server: Listening;
let services: readonly CdsService[];

beforeAll(async () => {
  const config = readConfig({ PORT: '0', DEMO: 'off', ALLOW_EVALUATION_TIME: 'on', LOG_LEVEL: 'silent' });
  const composed = composeService(config, createLog('silent'), forgetfulStore());
  services = composed.services;
  server = await listen(composed.app, config);
});
afterAll(() => server.close());

describe('vignettes, played as a CDS client would', () => {
  it.each(cases.map((each): [string, (typeof cases)[number]] => [each.name, each]))('%s', async (_name, { played }) => {
    const service = services.find(({ hook }) => hook === played.hook)!;
    const resources = resourcesOf(played);
    const response = await fetch(`${server.url}/cds-services/${service.id}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(hookRequest(played, resources, service)),
    });
    // What is wrong with it shows below.
    const { cards } = (await response.json()) as CdsResponse;
    expect(response.status).toBe(200);
    expect(differences(played.expect, cards)).toEqual([]);
    expect(brokenRules(cards, [...resources.record, ...resources.drafts])).toEqual([]);
  });
});
