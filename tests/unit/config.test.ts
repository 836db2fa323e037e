import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config.js';
import { problems } from '../support/config-problems.js';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ORIGINS = 'must be origins such as https://ehr.example.org, without path or wildcard';

const NO_PAGES = { smartClients: [], frameAncestors: [] };
describe('readConfig', () => {
  it('needs nothing on a developer machine', () => {
    expect(readConfig({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      publicBaseUrl: 'http://127.0.0.1:3000',
      clientAuth: 'off',
      clients: [],
      fhirServers: [],
      corsOrigins: [],
      maxBodyBytes: 10_000_000,
      hookDeadlineMs: 4000,
      fhirBudgetMs: 2500,
      rateLimitPerMinute: 20_000,
      workers: Math.max(1, availableParallelism() - 1),
      timeZone: 'UTC',
      databaseUrl: 'file:data/feedback.db',
      feedbackRetentionDays: 90,
      isLocal: true,
      demo: true,
      ...NO_PAGES,
      allowEvaluationTime: false,
      engine: 'compiled',
      logLevel: 'info',
      metrics: { host: '127.0.0.1', port: 9464, isNamed: false },
      auditLog: 'stdout',
      stopDelayMs: 0,
    });
  });

  it.each([
    ['off', '3000', undefined],
    ['0', '3000', 0],
    ['9000', '0', 9000],
    ['', '3000', 9464],
    ['', '0', 0],
  ])('METRICS_PORT=%s with PORT=%s', (METRICS_PORT, PORT, port) => {
    expect(readConfig({ METRICS_PORT, PORT }).metrics?.port).toBe(port);
  });

  it.each(['on', '70000', '-1', '9464 '])('refuses METRICS_PORT=%s', (METRICS_PORT) => {
    expect(() => readConfig({ METRICS_PORT })).toThrow(
      /\n {2}METRICS_PORT: must be (off or )?a whole number from 0 to 65535$/,
    );
  });

  it('reads every setting', () => {
    const env = {
      PORT: '8080',
      HOST: '0.0.0.0',
      PUBLIC_BASE_URL: 'https://cds.example.org/renal/',
      CLIENT_AUTH: 'off',
      FHIR_SERVERS: 'https://fhir.example.org/r4/, http://localhost:8081/fhir',
      CORS_ORIGINS: 'https://ehr.example.org,http://localhost:8000',
      MAX_BODY_BYTES: '5000000',
      HOOK_DEADLINE_MS: '3000',
      FHIR_BUDGET_MS: '2000',
      RATE_LIMIT_PER_MINUTE: '60',
      WORKERS: '5',
      TIME_ZONE: 'Europe/Berlin',
      DATABASE_URL: 'postgres://cds:secret@db.example.org/feedback?sslmode=require',
      FEEDBACK_RETENTION_DAYS: '400',
      DEMO: 'off',
      ALLOW_EVALUATION_TIME: 'on',
      ENGINE: 'cql-execution',
      LOG_LEVEL: 'silent',
      METRICS_PORT: '9000',
      METRICS_HOST: '0.0.0.0',
      AUDIT_LOG: 'data/audit.log',
      AUDIT_KEY: '/run/secrets/audit-key',
      STOP_DELAY_MS: '5000',
    };
    expect(readConfig(env)).toEqual({
      port: 8080,
      host: '0.0.0.0',
      publicBaseUrl: 'https://cds.example.org/renal',
      clientAuth: 'off',
      clients: [],
      fhirServers: [
        { url: 'https://fhir.example.org/r4', addresses: [], insecure: false },
        { url: 'http://localhost:8081/fhir', addresses: ['127.0.0.1/32', '::1/128'], insecure: true },
      ],
      corsOrigins: ['https://ehr.example.org', 'http://localhost:8000'],
      maxBodyBytes: 5_000_000,
      hookDeadlineMs: 3000,
      fhirBudgetMs: 2000,
      rateLimitPerMinute: 60,
      workers: 5,
      timeZone: 'Europe/Berlin',
      databaseUrl: 'postgres://cds:secret@db.example.org/feedback?sslmode=require',
      feedbackRetentionDays: 400,
      isLocal: false,
      demo: false,
      ...NO_PAGES,
      allowEvaluationTime: true,
      engine: 'cql-execution',
      logLevel: 'silent',
      metrics: { host: '0.0.0.0', port: 9000, isNamed: true },
      auditLog: 'data/audit.log',
      auditKeyFile: '/run/secrets/audit-key',
      stopDelayMs: 5000,
    });
  });

  it('takes an empty variable for an absent one', () => {
    expect(readConfig({ PORT: '', CORS_ORIGINS: ' ', CDS_CLIENTS: '' })).toEqual(readConfig({}));
  });

  it('puts an IPv6 host in brackets', () => {
    expect(readConfig({ HOST: '::1' }).publicBaseUrl).toBe('http://[::1]:3000');
  });

  it.each([
    ['PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['PORT', '80 ', 'must be a whole number from 0 to 65535'],
    ['HOST', 'a host', 'must be an address or a host name'],
    ['PUBLIC_BASE_URL', 'cds.example.org', 'must be a http or https URL'],
    ['PUBLIC_BASE_URL', 'https://user:secret@cds.example.org', 'must be a http or https URL'],
    ['CLIENT_AUTH', 'on', 'must be off or required'],
    ['FHIR_SERVERS', 'fhir', 'must be a URL'],
    ['PUBLIC_BASE_URL', 'https:cds.example.org', 'must be a http or https URL'],
    ['FHIR_SERVERS', 'ftp://fhir.example.org', 'must be a http or https URL'],
    ['FHIR_SERVERS', 'https://user@fhir.example.org', 'must have no user, query or fragment'],
    ['FHIR_SERVERS', 'https://fhir.example.org?', 'must have no user, query or fragment'],
    ['FHIR_SERVERS', 'http://fhir.example.org', 'must be https, or have insecure: true in CDS_CLIENTS'],
    ['FHIR_SERVERS', 'http://8.8.8.8/fhir', 'must be https, or have insecure: true in CDS_CLIENTS'],
    [
      'FHIR_SERVERS',
      'http://169.254.169.254/latest',
      'is an address that is not called unless its CDS_CLIENTS entry names the range',
    ],
    ['CORS_ORIGINS', '*', ORIGINS],
    ['CORS_ORIGINS', 'https://ehr.example.org/', ORIGINS],
    ['MAX_BODY_BYTES', '10MB', 'must be a whole number from 1000 to 100000000'],
    ['HOOK_DEADLINE_MS', '0', 'must be a whole number from 1 to 60000'],
    ['FHIR_BUDGET_MS', '-1', 'must be a whole number from 1 to 60000'],
    ['RATE_LIMIT_PER_MINUTE', '0', 'must be a whole number from 1 to 1000000000'],
    ['WORKERS', '0', 'must be a whole number from 1 to 256'],
    ['WORKERS', 'all', 'must be a whole number from 1 to 256'],
    ['TIME_ZONE', 'Middle/Earth', 'must be an IANA time zone such as Europe/Berlin'],
    ['TIME_ZONE', '+02:00', 'must be an IANA time zone such as Europe/Berlin'],
    ['DEMO', 'yes', 'must be on or off'],
    ['ALLOW_EVALUATION_TIME', 'true', 'must be on or off'],
    ['ENGINE', 'cql', 'must be compiled or cql-execution'],
    ['LOG_LEVEL', 'verbose', 'must be one of fatal, error, warn, info, debug, trace, silent'],
  ])('refuses %s=%s', (name, value, words) => {
    expect(problems({ CLIENT_AUTH: 'off', [name]: value })).toEqual([`${name}: ${words}`]);
  });

  it('names every bad variable at once, and prints no value', () => {
    const lines = problems({ PORT: 'canary', TIME_ZONE: 'canary', CDS_CLIENTS: '/canary', HOST: '0.0.0.0' });
    expect(lines.map((line) => line.split(':')[0])).toEqual(['PORT', 'TIME_ZONE', 'CDS_CLIENTS', 'CLIENT_AUTH']);
    expect(lines.join()).not.toContain('canary');
  });
});
