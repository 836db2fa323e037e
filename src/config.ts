import { isIPv6 } from 'node:net';
import { availableParallelism } from 'node:os';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { type CdsClient, type CdsClients, readCdsClients } from './cds-clients.js';
import { ServiceError } from './errors.js';
import { fhirServerUrl, type FhirServer } from './fhir-server.js';
import { withDatabaseUrl } from './secret-file.js';
import { baseUrl, commaList, databaseUrl, host, onOff, origin, timeZone, wholeNumber } from './setting-forms.js';
import { smartClientEntry, type SmartClient } from './smart-client.js';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const engines = ['compiled', 'cql-execution'] as const;
export type Engine = (typeof engines)[number];

/** The settings of the service, checked; `readConfig` says which variable each comes from. */
export interface Config {
  port: number;
  host: string;
  /** Without a trailing slash. */
  publicBaseUrl: string;
  /** Whether clients must present a JWT. */
  clientAuth: 'off' | 'required';
  /** The clients that are believed when they do. */
  clients: CdsClient[];
  /** The servers that may be called back for callers without a JWT; empty: none. */
  fhirServers: FhirServer[];
  corsOrigins: string[];
  maxBodyBytes: number;
  hookDeadlineMs: number;
  fhirBudgetMs: number;
  rateLimitPerMinute: number;
  /** Threads for large bodies. */
  workers: number;
  /** IANA name. */
  timeZone: string;
  /** `file:PATH` or `postgres://...`; may hold a password. */
  databaseUrl: string;
  feedbackRetentionDays: number;
  /** Listens on loopback outside production: whoever calls works on this machine. */
  isLocal: boolean;
  demo: boolean;
  /** A folder with more FHIR Bundles to show as samples. */
  demoPatientsFolder?: string;
  /** The EHRs that may launch the SMART app. */
  smartClients: SmartClient[];
  /** Origins that may show our pages in a frame. */
  frameAncestors: string[];
  allowEvaluationTime: boolean;
  /** Path of the file with the site's own codes. */
  siteCodesFile?: string;
  /** What runs the knowledge: the libraries the build compiled, or the interpreter alone. */
  engine: Engine;
  logLevel: LogLevel;
  /** Where Prometheus finds the metrics; absent: nowhere. A port that nobody named may be taken by another instance. */
  metrics?: { host: string; port: number; isNamed: boolean };
  /** `stdout`, `off`, or the path of a file that is added to. */
  auditLog: string;
  /** A file with the secret that hides the ids of patients in audit records. */
  auditKeyFile?: string;
  /** From the moment the service says that it is not ready to the one it accepts no more connections. */
  stopDelayMs: number;
}

/** Answering strangers must be somebody's decision as soon as strangers can reach us. */
const CLIENT_AUTH_UNSAID =
  'CLIENT_AUTH: must be said (required or off) in production and when HOST is not a loopback address';

const settings = z.object({
  // Where it listens; 0.0.0.0 in a container. Port 0 takes a free one.
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: host.default('127.0.0.1'),
  // What the world calls us; default http://HOST:PORT. Never taken from the Host header.
  PUBLIC_BASE_URL: baseUrl.optional(),
  // Whether clients must present a JWT; default off on loopback outside production, else it must be said.
  CLIENT_AUTH: z.enum(['off', 'required'], 'must be off or required').optional(),
  // File (YAML or JSON): trusted issuers of JWTs, each with its keys and FHIR servers; the entry `anonymous` holds the
  // FHIR servers of callers without a JWT; default none. See cds-clients.ts.
  CDS_CLIENTS: z.string().optional(),
  // FHIR base URLs that may be called back for clients without an entry of their own; default none.
  FHIR_SERVERS: commaList(fhirServerUrl).default([]),
  // Origins of browser clients; default none.
  CORS_ORIGINS: commaList(origin).default([]),
  // Largest body of a hook, unpacked.
  MAX_BODY_BYTES: wholeNumber(1_000, 100_000_000).default(10_000_000),
  // Longest time from body to answer, and the part of it that FHIR calls may take.
  HOOK_DEADLINE_MS: wholeNumber(1, 60_000).default(4_000),
  FHIR_BUDGET_MS: wholeNumber(1, 60_000).default(2_500),
  // Of a client, or of an address where none is known; held by all instances together over one PostgreSQL.
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000_000).default(20_000),
  // Threads that evaluate large bodies, started when needed; default one less than the cores, at least 1.
  WORKERS: wholeNumber(1, 256).optional(),
  // File (YAML or JSON) with a site's own codes for our value sets and for orders; default none. See site-codes.ts.
  SITE_CODES: z.string().optional(),
  // For dates without offset, calendar days in rules, and what cards show.
  TIME_ZONE: timeZone.default('UTC'),
  // The feedback store: a file of this machine, or PostgreSQL when several instances share it. Never printed.
  DATABASE_URL: databaseUrl.default('file:data/feedback.db'),
  // A file that holds it, in its place, for a URL with a password; default none. See secret-file.ts.
  DATABASE_URL_FILE: z.string().optional(),
  // How long cards, feedback and its comments (which may hold patient data) are kept.
  FEEDBACK_RETENTION_DAYS: wholeNumber(1, 3_650).default(90),
  // Demo pages and sample patients; default on outside production.
  DEMO: onOff.optional(),
  // A folder with more FHIR Bundles (one patient each, *.json) to show beside the samples; read at start, never copied.
  DEMO_PATIENTS: z.string().optional(),
  // SMART on FHIR: `<iss>=<client id>` per EHR, comma-separated; after each `|` an origin of its sign-in; default none.
  SMART_CLIENTS: commaList(smartClientEntry).default([]),
  // Origins that may frame the demo page and the SMART app; default none but our own.
  FRAME_ANCESTORS: commaList(origin).default([]),
  // Honours the evaluation time of a request, for tests and historical records.
  ALLOW_EVALUATION_TIME: onOff.default(false),
  // What evaluates the knowledge. The interpreter is the reference, and many times slower.
  ENGINE: z.enum(engines, `must be ${engines.join(' or ')}`).default('compiled'),
  // Prometheus metrics: a port of their own, on loopback unless said otherwise (0.0.0.0 in a container); `off`: none.
  // Without it 9464, or a free one where PORT is 0, as for several services on one machine.
  METRICS_PORT: z
    .union([z.literal('off'), wholeNumber(0, 65_535)], `must be off or a whole number from 0 to 65535`)
    .optional(),
  METRICS_HOST: host.default('127.0.0.1'),
  // Where the audit records go, one for each call: `stdout`, a file that is only added to, or `off`.
  AUDIT_LOG: z.string().default('stdout'),
  // File with a secret of 32 characters or more, without which nobody can tell whose an audit record is; default: a new one each start.
  AUDIT_KEY: z.string().optional(),
  // How long it goes on accepting connections once it is told to stop, so that what balances the load can notice.
  STOP_DELAY_MS: wholeNumber(0, 60_000).default(0),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
});

type Settings = z.infer<typeof settings>;

/** Reads the environment (and the file CDS_CLIENTS); throws one `invalid-config` that names every bad variable, never a value. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const said = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const { set, problems: secretProblems } = withDatabaseUrl(said);
  const parsed = settings.safeParse(set);
  const clients = readCdsClients(set['CDS_CLIENTS']);
  const isProduction = set['NODE_ENV'] === 'production';
  const isPublic = isProduction || !isLoopback(set['HOST'] ?? '127.0.0.1');
  const problems = [
    ...(parsed.success ? [] : linesOf(parsed.error)),
    ...secretProblems,
    ...clients.problems.map((problem) => `CDS_CLIENTS: ${problem}`),
    ...(set['CLIENT_AUTH'] === undefined && isPublic ? [CLIENT_AUTH_UNSAID] : []),
    ...(set['CLIENT_AUTH'] === 'required' ? requiredAuthProblems(set, clients, isPublic) : []),
  ];
  if (!parsed.success || problems.length > 0) throw invalidConfig(problems);
  return toConfig(parsed.data, clients, isProduction);
}

function toConfig(values: Settings, { clients, anonymous }: CdsClients, isProduction: boolean): Config {
  const urlHost = isIPv6(values.HOST) ? `[${values.HOST}]` : values.HOST;
  return {
    port: values.PORT,
    host: values.HOST,
    publicBaseUrl: values.PUBLIC_BASE_URL ?? `http://${urlHost}:${values.PORT}`,
    clientAuth: values.CLIENT_AUTH ?? 'off',
    clients,
    fhirServers: anonymous ?? values.FHIR_SERVERS,
    corsOrigins: values.CORS_ORIGINS,
    maxBodyBytes: values.MAX_BODY_BYTES,
    hookDeadlineMs: values.HOOK_DEADLINE_MS,
    fhirBudgetMs: values.FHIR_BUDGET_MS,
    rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
    workers: values.WORKERS ?? Math.max(1, availableParallelism() - 1),
    timeZone: values.TIME_ZONE,
    databaseUrl: values.DATABASE_URL,
    feedbackRetentionDays: values.FEEDBACK_RETENTION_DAYS,
    isLocal: isLoopback(values.HOST) && !isProduction,
    demo: values.DEMO ?? !isProduction,
    ...(values.DEMO_PATIENTS === undefined ? {} : { demoPatientsFolder: values.DEMO_PATIENTS }),
    smartClients: values.SMART_CLIENTS,
    frameAncestors: values.FRAME_ANCESTORS,
    allowEvaluationTime: values.ALLOW_EVALUATION_TIME,
    ...(values.SITE_CODES === undefined ? {} : { siteCodesFile: values.SITE_CODES }),
    engine: values.ENGINE,
    logLevel: values.LOG_LEVEL,
    ...metricsPlace(values),
    auditLog: values.AUDIT_LOG,
    ...(values.AUDIT_KEY === undefined ? {} : { auditKeyFile: values.AUDIT_KEY }),
    stopDelayMs: values.STOP_DELAY_MS,
  };
}

const METRICS_PORT = 9464;

function metricsPlace({ METRICS_PORT: asked, METRICS_HOST, PORT }: Settings): Pick<Config, 'metrics'> {
  if (asked === 'off') return {};
  const port = asked ?? (PORT === 0 ? 0 : METRICS_PORT);
  return { metrics: { host: METRICS_HOST, port, isNamed: asked !== undefined } };
}

/** A JWT is of use only when it is known whose, and meant for whom. */
function requiredAuthProblems(set: Record<string, unknown>, clients: CdsClients, isPublic: boolean): string[] {
  const isNobodyTrusted = clients.clients.length === 0 && clients.problems.length === 0;
  return [
    ...(isNobodyTrusted ? ['CDS_CLIENTS: must name at least one issuer when CLIENT_AUTH is required'] : []),
    ...(isPublic && set['PUBLIC_BASE_URL'] === undefined
      ? ['PUBLIC_BASE_URL: must be said when CLIENT_AUTH is required: clients sign for it']
      : []),
  ];
}

/** One line per variable; every message of the schemas is our own, so none repeats a value. */
function linesOf(error: z.ZodError): string[] {
  return [...new Set(error.issues.map((issue) => `${String(issue.path[0])}: ${wordsOf(issue)}`))];
}

function wordsOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? 'has an unknown field' : issue.message;
}

function invalidConfig(problems: string[]): ServiceError {
  const message = ['The configuration is not valid:', ...problems].join('\n  ');
  return new ServiceError('invalid-config', message, { problems });
}

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback';
}
