import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { fhirServerEntry, type FhirServer } from './fhir-server.js';

const ALGORITHMS = ['ES384', 'RS384', 'ES256', 'RS256'] as const;

/** The entry of callers without a JWT. */
const ANONYMOUS = 'anonymous';

/** A CDS client that is believed once it has signed for itself. */
export interface CdsClient {
  /** The claim `iss`. */
  issuer: string;
  keys: KeySource;
  /** What it may sign with; asymmetric algorithms only. */
  algorithms: readonly string[];
  /** What `aud` must be, where the site cannot make it the address that is called. */
  audience?: readonly string[];
  /** Longest time from `iat` to `exp`. */
  maxLifetimeSeconds: number;
  /** The servers that may be called back for it. */
  fhirServers: FhirServer[];
}

/** Public keys as they were at start, or the one address they are fetched from; a `jku` must equal `url`. */
export type KeySource =
  { keys: readonly PublicKey[]; url?: string } | { url: string; addresses: readonly string[]; insecure: boolean };

/** A JSON Web Key without a private or symmetric part. */
export interface PublicKey {
  kty: string;
  kid: string;
  [member: string]: unknown;
}

/** What the file `CDS_CLIENTS` says, or what is wrong with it, one line each. */
export interface CdsClients {
  problems: string[];
  clients: CdsClient[];
  /** FHIR servers of callers without a JWT; absent without that entry. */
  anonymous?: FhirServer[];
}

/** RFC 7518: `d` and its companions belong to a private key, `k` is a shared secret. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const publicKey = z
  .looseObject({ kty: z.string('must have a kty'), kid: z.string('must have a kid').min(1, 'must have a kid') })
  .refine((key) => !PRIVATE_MEMBERS.some((member) => member in key), 'must be a public key, and is none');

const keySet = z.object(
  { keys: z.array(publicKey, 'must hold keys').min(1, 'must hold keys') },
  'must be a JSON Web Key Set',
);

const text = z.string('must be text').min(1, 'must be text');

const serverList = z.array(fhirServerEntry, 'must be a list of FHIR servers');

const anonymousEntry = z.strictObject({ fhirServers: serverList }, 'must be an entry with fhirServers');

const jwksEntry = z.strictObject(
  {
    url: text.optional(),
    file: text.optional(),
    addresses: z.array(z.string('must be a list of address ranges'), 'must be a list of address ranges').optional(),
    insecure: z.boolean('must be true or false').optional(),
  },
  'must be an entry with url or file',
);

const clientEntry = z.strictObject(
  {
    jwks: jwksEntry,
    algorithms: z
      .array(z.enum(ALGORITHMS, `must be of ${ALGORITHMS.join(', ')}`), 'must be a list of algorithms')
      .min(1, 'must be a list of algorithms')
      .default([...ALGORITHMS]),
    audience: z.union([text.transform((one) => [one]), z.array(text).min(1)], 'must be text or a list').optional(),
    maxLifetimeSeconds: z
      .int('must be a whole number from 1 to 3600')
      .min(1, 'must be a whole number from 1 to 3600')
      .max(3600, 'must be a whole number from 1 to 3600')
      .default(300),
    fhirServers: serverList.default([]),
  },
  'must be an entry with jwks',
);

/** Reads the file `CDS_CLIENTS` (YAML or JSON) and the key files it names; says what is wrong instead of throwing. */
export function readCdsClients(file: string | undefined): CdsClients {
  if (file === undefined) return { problems: [], clients: [] };
  const content = readYaml(file);
  if (content === undefined) return { problems: ['the file cannot be read as YAML or JSON'], clients: [] };
  const parsed = clientsFile(dirname(file)).safeParse(content);
  if (!parsed.success) return { problems: parsed.error.issues.map(problemOf), clients: [] };
  const { [ANONYMOUS]: anonymous, ...entries } = parsed.data;
  // Every other key holds a client: the schema says so of all but this one.
  const clients = Object.entries(entries as Record<string, Omit<CdsClient, 'issuer'>>);
  return {
    problems: [],
    clients: clients.map(([issuer, entry]) => ({ issuer, ...entry })),
    ...(anonymous === undefined ? {} : { anonymous: anonymous.fhirServers }),
  };
}

function clientsFile(folder: string) {
  const client = clientEntry.transform(({ jwks, audience, ...entry }, issues) => {
    const keys = toKeySource(jwks, folder, (message, path = []) => {
      issues.addIssue({ code: 'custom', path: ['jwks', ...path], message });
    });
    return { ...entry, keys: keys ?? z.NEVER, ...(audience === undefined ? {} : { audience }) };
  });
  return z
    .object({ [ANONYMOUS]: anonymousEntry.optional() }, 'must map issuers, or `anonymous`, to their entries')
    .catchall(client);
}

type Refuse = (message: string, path?: (string | number)[]) => void;

function toKeySource(entry: z.infer<typeof jwksEntry>, folder: string, refuse: Refuse): KeySource | undefined {
  const { file, url, addresses = [], insecure = false } = entry;
  if (file !== undefined) {
    const keys = readKeys(resolve(folder, file), refuse);
    return keys && { keys, ...(url === undefined ? {} : { url }) };
  }
  if (url === undefined) {
    refuse('must be an entry with url or file');
    return undefined;
  }
  const server = fhirServerEntry.safeParse({ url, addresses, insecure });
  if (!server.success) {
    server.error.issues.forEach((issue) => {
      refuse(issue.message, issue.path.map(String));
    });
    return undefined;
  }
  // The address is compared with the header `jku` letter by letter, so it stays as it was written.
  return { url, addresses: server.data.addresses, insecure: server.data.insecure };
}

function readKeys(file: string, refuse: Refuse): PublicKey[] | undefined {
  const parsed = keySet.safeParse(readYaml(file));
  if (parsed.success) return parsed.data.keys;
  parsed.error.issues.forEach((issue) => {
    refuse(issue.message, ['file', ...issue.path.map(String)]);
  });
  return undefined;
}

function readYaml(file: string): unknown {
  try {
    return parseYaml(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Our own messages only: none repeats a value. */
function problemOf(issue: z.core.$ZodIssue): string {
  const words = issue.code === 'unrecognized_keys' ? 'has an unknown field' : issue.message;
  return issue.path.length === 0 ? words : `${issue.path.join('.')} ${words}`;
}
