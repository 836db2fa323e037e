import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CdsService } from '../../src/cds-hooks.js';
import { readConfig } from '../../src/config.js';
import { REFUSAL_REASONS } from '../../src/errors.js';
import { FOLDERS } from '../../src/folders.js';
import { readPolicy } from '../../src/policy.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';

const root = join(import.meta.dirname, '../..');
const FILE = join(root, 'src/http/REGISTRATION.md');

/** The code blocks of a language, in order. */
const blocks = (page: string, language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, text]) => text ?? '');

/** The page as it should be: with UPDATE_REGISTRATION=1 it is written so. */
function upToDate(page: string, { prefetch }: CdsService): string {
  const queries = `\`\`\`json\n${JSON.stringify(prefetch, null, 2)}\n\`\`\``;
  return page.replace(/^```json\n[^]*?^```/m, () => queries);
}

describe('the page on registering the service', () => {
  let service: ComposedService;
  let page: string;
  beforeAll(async () => {
    service = await startComposedService();
    page = readFileSync(FILE, 'utf8');
    if (process.env['UPDATE_REGISTRATION'] === '1') {
      page = upToDate(page, service.services[0]!);
      writeFileSync(FILE, page);
    }
  });
  afterAll(() => service.close());

  async function discovered(): Promise<CdsService[]> {
    const response = await fetch(`${service.url}/cds-services`);
    return ((await response.json()) as { services: CdsService[] }).services;
  }

  it('has the prefetch queries of discovery, the same for each service', async () => {
    const [queries = ''] = blocks(page, 'json');
    for (const { prefetch } of await discovered()) expect(JSON.parse(queries)).toEqual(prefetch);
    expect(page).toContain('The same ten for each service.');
    expect(Object.keys(JSON.parse(queries))).toHaveLength(10);
  });

  it('has the address of each service beside its hook', async () => {
    for (const { id, hook } of await discovered())
      expect(page).toContain(`| ${hook} | \`{base}/cds-services/${id}\` |`);
  });

  it('has a scope for each type that is prefetched or fetched', async () => {
    const scopes = blocks(page, 'text')
      .join(' ')
      .match(/\w+\.rs/g);
    const [{ prefetch = {} } = {}] = await discovered();
    const types = Object.values(prefetch).map((query) => /^\w+/.exec(query)?.[0] ?? '');
    const expected = new Set([...types, 'Medication', 'ServiceRequest']);
    expect(new Set(scopes)).toEqual(new Set([...expected].map((type) => `${type}.rs`)));
  });

  it('has a file of clients that the service takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'registration-'));
    writeFileSync(join(folder, 'clients.yaml'), blocks(page, 'yaml')[0] ?? '');
    const key = { kty: 'EC', kid: 'a', crv: 'P-384', x: 'AA', y: 'AA' };
    writeFileSync(join(folder, 'keys-by-hand.json'), JSON.stringify({ keys: [key] }));
    const settings = { CLIENT_AUTH: 'required', CDS_CLIENTS: join(folder, 'clients.yaml') };
    const { clients } = readConfig({ ...settings, PUBLIC_BASE_URL: 'https://cds.example.org/renal', HOST: '0.0.0.0' });
    rmSync(folder, { recursive: true });
    expect(clients.map(({ issuer, fhirServers }) => [issuer, fhirServers.length])).toEqual([
      ['https://ehr.example.org/fhir', 1],
      ['https://typed-by-hand.example.org/fhir', 1],
      ['https://keys-by-hand.example.org', 0],
    ]);
  });

  it('explains every reason that the log may give', () => {
    expect(REFUSAL_REASONS.length).toBeGreaterThan(15);
    const [, table = ''] = page.split('| reason | look at |');
    const explained = table.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split('|')[1] ?? ''] : []));
    const named = explained.flatMap((cell) => cell.match(/[a-z-]+/g) ?? []);
    expect(named.sort()).toEqual([...REFUSAL_REASONS].sort());
  });

  it('has the codes of the override reasons', () => {
    const { reasons, system } = readPolicy(join(FOLDERS.cards, 'policy.yaml')).wording['override-reasons'];
    expect(page).toContain(`\`${system}\``);
    for (const { code } of reasons) expect(page).toContain(`\`${code}\``);
  });

  it('names each status that an error can have, with what it means, beside it', () => {
    const readme = readFileSync(join(root, 'src/http/README.md'), 'utf8');
    const source = readFileSync(join(root, 'src/http/error-response.ts'), 'utf8');
    const statuses = new Set(
      [...source.matchAll(/status: (\d{3}), issue: '([a-z-]+)'/g)].map(
        ([, status, issue]) => `| ${status} | ${issue} |`,
      ),
    );
    expect(statuses.size).toBeGreaterThan(8);
    for (const row of statuses) expect(readme).toContain(row);
  });
});
