import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readCdsClients } from '../../src/cds-clients.js';

const folder = mkdtempSync(join(tmpdir(), 'cds-clients-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const PUBLIC = { kty: 'EC', kid: 'key-1', crv: 'P-384', x: 'AA', y: 'AA' };

function fileOf(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const read = (clients: unknown) => readCdsClients(fileOf('clients.yaml', clients));
const readEntry = (entry: unknown) => read({ ehr: entry });

describe('readCdsClients', () => {
  it('reads a client with its defaults', () => {
    const clients = `
https://ehr.example.org/fhir:
  jwks: { url: https://ehr.example.org/keys/ }
`;
    expect(read(clients)).toEqual({
      problems: [],
      clients: [
        {
          issuer: 'https://ehr.example.org/fhir',
          keys: { url: 'https://ehr.example.org/keys/', addresses: [], insecure: false },
          algorithms: ['ES384', 'RS384', 'ES256', 'RS256'],
          maxLifetimeSeconds: 300,
          fhirServers: [],
        },
      ],
    });
  });

  it('reads everything that can be said of a client, its keys from a file beside', () => {
    fileOf('keys.json', { keys: [PUBLIC] });
    const entry = {
      jwks: { file: 'keys.json', url: 'https://ehr.example.org/keys' },
      algorithms: ['RS384'],
      audience: 'https://typed.example.org',
      maxLifetimeSeconds: 900,
      fhirServers: [{ url: 'https://ehr.example.org/fhir' }],
    };
    expect(read({ a: entry, b: { ...entry, audience: ['one', 'two'] }, anonymous: { fhirServers: [] } })).toEqual({
      problems: [],
      anonymous: [],
      clients: [
        {
          issuer: 'a',
          keys: { keys: [PUBLIC], url: 'https://ehr.example.org/keys' },
          algorithms: ['RS384'],
          audience: ['https://typed.example.org'],
          maxLifetimeSeconds: 900,
          fhirServers: [{ url: 'https://ehr.example.org/fhir', addresses: [], insecure: false }],
        },
        expect.objectContaining({ issuer: 'b', audience: ['one', 'two'] }),
      ],
    });
  });

  it('lets the address of keys be in the own network only where the entry says so', () => {
    const url = 'http://keys.internal/jwks';
    expect(readEntry({ jwks: { url } }).problems).toEqual([
      'ehr.jwks.url must be https, or have insecure: true in CDS_CLIENTS',
    ]);
    expect(readEntry({ jwks: { url, insecure: true, addresses: ['10.0.0.0/8'] } }).clients).toMatchObject([
      { keys: { url, insecure: true, addresses: ['10.0.0.0/8'] } },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['no entry', null, 'ehr must be an entry with jwks'],
    ['no keys', {}, 'ehr.jwks must be an entry with url or file'],
    ['keys from nowhere', { jwks: {} }, 'ehr.jwks must be an entry with url or file'],
    ['a misspelt field', { jwks: { url: 'https://a.org' }, audiences: [] }, 'ehr has an unknown field'],
    ['an address that is none', { jwks: { url: 'canary' } }, 'ehr.jwks.url must be a URL'],
    [
      'an address with a user',
      { jwks: { url: 'https://me@a.org' } },
      'ehr.jwks.url must have no user, query or fragment',
    ],
    [
      'a range that is none',
      { jwks: { url: 'https://a.org', addresses: ['canary'] } },
      'ehr.jwks.addresses.0 must be an address range such as 10.0.0.0/8',
    ],
    [
      'a symmetric algorithm',
      { jwks: { url: 'https://a.org' }, algorithms: ['HS256'] },
      'ehr.algorithms.0 must be of ES384, RS384, ES256, RS256',
    ],
    ['no algorithm', { jwks: { url: 'https://a.org' }, algorithms: [] }, 'ehr.algorithms must be a list of algorithms'],
    [
      'a life of a day',
      { jwks: { url: 'https://a.org' }, maxLifetimeSeconds: 86_400 },
      'ehr.maxLifetimeSeconds must be a whole number from 1 to 3600',
    ],
    ['an empty audience', { jwks: { url: 'https://a.org' }, audience: '' }, 'ehr.audience must be text or a list'],
    [
      'no list of servers',
      { jwks: { url: 'https://a.org' }, fhirServers: 'x' },
      'ehr.fhirServers must be a list of FHIR servers',
    ],
  ])('says what is wrong with %s', (_name, entry, problem) => {
    expect(readEntry(entry)).toEqual({ problems: [problem], clients: [] });
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'must be a JSON Web Key Set'],
    ['no key set', { keys: {} }, 'keys must hold keys'],
    ['an empty key set', { keys: [] }, 'keys must hold keys'],
    ['a key without an id', { keys: [{ ...PUBLIC, kid: '' }] }, 'keys.0.kid must have a kid'],
    ['a private key', { keys: [{ ...PUBLIC, d: 'canary' }] }, 'keys.0 must be a public key, and is none'],
    ['a shared secret', { keys: [{ kty: 'oct', kid: 'a', k: 'canary' }] }, 'keys.0 must be a public key, and is none'],
  ])('refuses a key file with %s', (_name, content, words) => {
    fileOf('bad-keys.json', content);
    const [place, ...rest] = words.split(' ');
    const problem = place?.startsWith('keys') ? `ehr.jwks.file.${place} ${rest.join(' ')}` : `ehr.jwks.file ${words}`;
    expect(readEntry({ jwks: { file: 'bad-keys.json' } }).problems).toEqual([problem]);
  });

  it.each([
    ['{', 'the file cannot be read as YAML or JSON'],
    ['', 'must map issuers, or `anonymous`, to their entries'],
    ['- a', 'must map issuers, or `anonymous`, to their entries'],
    ['anonymous: yes', 'anonymous must be an entry with fhirServers'],
    ['anonymous: {}', 'anonymous.fhirServers must be a list of FHIR servers'],
    ['anonymous: { fhirServers: [{}] }', 'anonymous.fhirServers.0.url must be the base URL of a FHIR server'],
    ['anonymous: { fhirServers: [{ url: canary }] }', 'anonymous.fhirServers.0.url must be a URL'],
    [
      'anonymous: { fhirServers: [{ url: "http://fhir.example.org" }] }',
      'anonymous.fhirServers.0.url must be https, or have insecure: true in CDS_CLIENTS',
    ],
    [
      'anonymous: { fhirServers: [{ url: "https://a.org", addresses: [canary] }] }',
      'anonymous.fhirServers.0.addresses.0 must be an address range such as 10.0.0.0/8',
    ],
    [
      'anonymous: { fhirServers: [{ url: "https://a.org", insecure: canary }] }',
      'anonymous.fhirServers.0.insecure must be true or false',
    ],
    [
      'anonymous: { fhirServers: [{ url: "https://a.org", adresses: [] }] }',
      'anonymous.fhirServers.0 has an unknown field',
    ],
  ])('refuses the file %s', (content, words) => {
    expect(read(content)).toEqual({ problems: [words], clients: [] });
  });

  it('refuses a key file that is not there', () => {
    expect(readEntry({ jwks: { file: 'none.json' } }).problems).toEqual(['ehr.jwks.file must be a JSON Web Key Set']);
  });

  it('refuses a file that is not there', () => {
    const problems = ['the file cannot be read as YAML or JSON'];
    expect(readCdsClients(join(folder, 'none.yaml'))).toEqual({ problems, clients: [] });
  });

  it('knows nobody without a file', () => {
    expect(readCdsClients(undefined)).toEqual({ problems: [], clients: [] });
  });
});
