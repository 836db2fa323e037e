import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config.js';

describe('the settings of the pages', () => {
  it('name a folder of further patients and who may frame them', () => {
    const env = { DEMO_PATIENTS: '/srv/patients', FRAME_ANCESTORS: 'https://ehr.example.org, http://localhost:8000' };
    expect(readConfig(env)).toMatchObject({
      demoPatientsFolder: '/srv/patients',
      frameAncestors: ['https://ehr.example.org', 'http://localhost:8000'],
    });
  });

  it('let no wildcard and no path frame them', () => {
    for (const FRAME_ANCESTORS of ['*', 'https://*.example.org', 'https://ehr.example.org/path'])
      expect(() => readConfig({ FRAME_ANCESTORS })).toThrow(/FRAME_ANCESTORS: must be origins/);
  });
});

describe('SMART_CLIENTS', () => {
  it('names a registration for each EHR, and the origins of its sign-in', () => {
    const SMART_CLIENTS =
      'https://fhir.example.org/r4/=our-app|https://login.example.org|https://two.example.org:8443, https://b.example.org/x=y=two';
    expect(readConfig({ SMART_CLIENTS }).smartClients).toEqual([
      {
        iss: 'https://fhir.example.org/r4',
        clientId: 'our-app',
        origins: ['https://login.example.org', 'https://two.example.org:8443'],
      },
      { iss: 'https://b.example.org/x=y', clientId: 'two', origins: [] },
    ]);
  });

  it.each([
    ['no client id', 'https://fhir.example.org/r4='],
    ['no server', '=our-app'],
    ['no equals sign', 'https://fhir.example.org/r4'],
    ['a server that is no URL', 'fhir=our-app'],
    [
      'a server that would break out of the content security policy',
      "https://fhir.example.org/;script-src 'unsafe-inline'=x",
    ],
    ['a server without its slashes', 'https:-/fhir.example.org/r4=our-app'],
    ['a query', 'https://fhir.example.org/?a=our-app'],
    ['an origin with a path', 'https://fhir.example.org/r4=our-app|https://login.example.org/auth'],
    ['a client id with a blank', 'https://fhir.example.org/r4=our app'],
  ])('is refused with %s', (_, SMART_CLIENTS) => {
    expect(() => readConfig({ SMART_CLIENTS })).toThrow(
      /^The configuration is not valid:\n {2}SMART_CLIENTS: must be entries such as/,
    );
  });
});
