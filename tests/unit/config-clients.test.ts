import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config.js';
import { problems } from '../support/config-problems.js';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ONE_CLIENT = '{"https://issuer.example.org": {"jwks": {"url": "https://issuer.example.org/keys"}}}';

function clientsFile(content: string): string {
  const file = join(folder, `clients-${Math.random()}.yaml`);
  writeFileSync(file, content);
  return file;
}
describe('CLIENT_AUTH', () => {
  const mustBeSaid =
    'CLIENT_AUTH: must be said (required or off) in production and when HOST is not a loopback address';

  it.each([{}, { HOST: 'localhost' }, { HOST: '::1' }, { HOST: '127.0.0.9' }])('is off by itself with %j', (env) => {
    expect(readConfig(env).clientAuth).toBe('off');
  });

  it.each([
    { NODE_ENV: 'production' },
    { HOST: '0.0.0.0' },
    { HOST: '::' },
    { HOST: 'cds.example.org' },
    { HOST: '10.0.0.1' },
    { HOST: '0.0.0.0', CLIENT_AUTH: '' },
  ])('must be said with %j', (env) => {
    expect(problems(env)).toEqual([mustBeSaid]);
  });

  it('may be switched off in production', () => {
    expect(readConfig({ NODE_ENV: 'production', CLIENT_AUTH: 'off' })).toMatchObject({
      clientAuth: 'off',
      demo: false,
    });
  });

  it('may be required where the clients are known, and the address they sign for', () => {
    const env = { CLIENT_AUTH: 'required', CDS_CLIENTS: clientsFile(ONE_CLIENT) };
    expect(readConfig(env)).toMatchObject({
      clientAuth: 'required',
      clients: [{ issuer: 'https://issuer.example.org' }],
    });
    const inProduction = {
      ...env,
      NODE_ENV: 'production',
      HOST: '0.0.0.0',
      PUBLIC_BASE_URL: 'https://cds.example.org',
    };
    expect(readConfig(inProduction).clientAuth).toBe('required');
  });

  it('cannot be required of nobody', () => {
    const words = 'CDS_CLIENTS: must name at least one issuer when CLIENT_AUTH is required';
    expect(problems({ CLIENT_AUTH: 'required' })).toEqual([words]);
    const file = clientsFile('anonymous: { fhirServers: [] }');
    expect(problems({ CLIENT_AUTH: 'required', CDS_CLIENTS: file })).toEqual([words]);
  });

  it('cannot be required for an address that is only guessed', () => {
    expect(problems({ CLIENT_AUTH: 'required', CDS_CLIENTS: clientsFile(ONE_CLIENT), HOST: '0.0.0.0' })).toEqual([
      'PUBLIC_BASE_URL: must be said when CLIENT_AUTH is required: clients sign for it',
    ]);
  });
});

describe('CDS_CLIENTS', () => {
  it('holds the FHIR servers of callers without a JWT, in place of FHIR_SERVERS', () => {
    const file = clientsFile(`
anonymous:
  fhirServers:
    - url: http://hapi:8080/fhir/
      addresses: [172.16.0.0/12, 'fd00::/8']
      insecure: true
    - url: https://fhir.example.org
`);
    expect(readConfig({ CDS_CLIENTS: file, FHIR_SERVERS: 'https://other.example.org' }).fhirServers).toEqual([
      { url: 'http://hapi:8080/fhir', addresses: ['172.16.0.0/12', 'fd00::/8'], insecure: true },
      { url: 'https://fhir.example.org', addresses: [], insecure: false },
    ]);
  });

  it('may be JSON, and leaves FHIR_SERVERS alone without the entry anonymous', () => {
    const file = clientsFile(ONE_CLIENT);
    expect(readConfig({ CDS_CLIENTS: file, FHIR_SERVERS: 'https://other.example.org' }).fhirServers).toEqual([
      { url: 'https://other.example.org', addresses: [], insecure: false },
    ]);
  });

  it('stops the start with every line that is wrong', () => {
    const file = clientsFile('{ anonymous: { fhirServers: [{}] }, ehr: { jwks: {} } }');
    expect(problems({ CDS_CLIENTS: file })).toEqual([
      'CDS_CLIENTS: anonymous.fhirServers.0.url must be the base URL of a FHIR server',
      'CDS_CLIENTS: ehr.jwks must be an entry with url or file',
    ]);
  });
});
