/** Never to be printed. */
export const SECRET = 'secret-canary';

/** A start that must not succeed. */
export interface BadStart {
  name: string;
  settings?: Record<string, string>;
  /** What is put beside the installed service, by path; FOLDER stands for that in settings and lines, VALUESET for a file, TAKEN for a port. */
  files?: Record<string, string>;
  edit?: [file: string, from: string, to: string];
  lines: string[];
  /** A check neither listens nor calls anybody, so that it cannot see these. */
  isSeenAtStartOnly?: true;
}

const CLIENTS = { CLIENT_AUTH: 'required', CDS_CLIENTS: 'FOLDER/clients.yaml' };
const privateKey = { keys: [{ kty: 'EC', kid: 'key-1', crv: 'P-384', x: 'x', y: 'y', d: SECRET }] };

export const BAD_STARTS: BadStart[] = [
  {
    name: 'a setting that is no number, and one that is no choice',
    settings: { PORT: SECRET, CLIENT_AUTH: SECRET },
    lines: ['PORT: must be a whole number from 0 to 65535', 'CLIENT_AUTH: must be off or required'],
  },
  {
    name: 'production without a word on authentication',
    settings: { NODE_ENV: 'production' },
    lines: ['CLIENT_AUTH: must be said (required or off) in production and when HOST is not a loopback address'],
  },
  {
    name: 'a time zone that there is not',
    settings: { TIME_ZONE: 'Europe/Atlantis' },
    lines: ['TIME_ZONE: must be an IANA time zone such as Europe/Berlin'],
  },
  {
    name: 'a FHIR server with a password in its address',
    settings: { FHIR_SERVERS: `https://user:${SECRET}@fhir.example.org` },
    lines: ['FHIR_SERVERS: must have no user, query or fragment'],
  },
  {
    name: 'a file of clients that is not there',
    settings: { CDS_CLIENTS: 'FOLDER/none.yaml' },
    lines: ['CDS_CLIENTS: the file cannot be read as YAML or JSON'],
  },
  {
    name: 'a private key among the public ones of a client',
    settings: { ...CLIENTS },
    files: {
      'clients.yaml': 'https://ehr.example.org: { jwks: { file: keys.json } }',
      'keys.json': JSON.stringify(privateKey),
    },
    lines: ['CDS_CLIENTS: https://ehr.example.org.jwks.file.keys.0 must be a public key, and is none'],
  },
  {
    name: 'a file of keys that is damaged',
    settings: { ...CLIENTS },
    files: { 'clients.yaml': 'https://ehr.example.org: { jwks: { file: keys.json } }', 'keys.json': '{"keys": [' },
    lines: ['CDS_CLIENTS: https://ehr.example.org.jwks.file must be a JSON Web Key Set'],
  },
  {
    name: 'a SMART client without an id',
    settings: { SMART_CLIENTS: 'https://ehr.example.org/fhir' },
    lines: [
      'SMART_CLIENTS: must be entries such as https://ehr.example.org/fhir=client-id, with further origins after a |',
    ],
  },
  {
    name: 'codes of the site for value sets that are none',
    settings: { SITE_CODES: 'FOLDER/codes.yaml' },
    files: { 'codes.yaml': 'no-such-set: [{ system: "urn:oid:2.999", code: X }]' },
    lines: ['SITE_CODES (FOLDER/codes.yaml) names no value set of ours: no-such-set.'],
  },
  {
    name: 'codes of the site that are no codes',
    settings: { SITE_CODES: 'FOLDER/codes.yaml' },
    files: { 'codes.yaml': 'haemodialysis: [{ system: none, code: 7 }]' },
    lines: [
      'SITE_CODES (FOLDER/codes.yaml) haemodialysis.0.system must be the URI of a code system, such as https://... or urn:...',
      'SITE_CODES (FOLDER/codes.yaml) haemodialysis.0.code must be text (a number stands in quotes)',
    ],
  },
  {
    name: 'a secret for the audit records that is too short',
    settings: { AUDIT_KEY: 'FOLDER/key' },
    files: { key: SECRET },
    lines: ['AUDIT_KEY: the file must hold at least 32 characters'],
  },
  {
    name: 'a place for the audit records that is none',
    settings: { AUDIT_LOG: 'FOLDER/none/audit.log' },
    lines: ['AUDIT_LOG: the file cannot be opened and written'],
  },
  {
    name: 'a store in a place that is none',
    settings: { DATABASE_URL: 'file:FOLDER/package.json/feedback.db' },
    lines: ['DATABASE_URL: the file cannot be opened and written'],
  },
  {
    name: 'a store that cannot be reached',
    settings: { DATABASE_URL: `postgres://cds:${SECRET}@127.0.0.1:1/feedback` },
    lines: ['DATABASE_URL: the database server cannot be reached'],
    isSeenAtStartOnly: true,
  },
  {
    name: 'a port that is taken',
    settings: { PORT: 'TAKEN' },
    lines: ['HOST, PORT: the service cannot listen there'],
    isSeenAtStartOnly: true,
  },
  {
    name: 'a port for the metrics that is taken',
    settings: { METRICS_PORT: 'TAKEN' },
    lines: ['METRICS_HOST, METRICS_PORT: the service cannot listen there'],
    isSeenAtStartOnly: true,
  },
  {
    name: 'compiled knowledge that is cut off',
    edit: ['dist/elm/CrampRecord.json', '}', ''],
    lines: ['CrampRecord.json cannot be read as JSON.'],
  },
  {
    name: 'a value set that is none',
    edit: ['cql/valuesets/VALUESET', '"ValueSet"', '"CodeSystem"'],
    lines: ['The value set VALUESET is not an enumerated FHIR ValueSet.'],
  },
  {
    name: 'a card without its summary',
    edit: ['cards/Hypokalaemia.md', 'summary:', 'sumary:'],
    lines: ['The head of the card Hypokalaemia.md is wrong.'],
  },
  {
    name: 'a policy that names a library that is none',
    edit: ['cards/policy.yaml', '- StatinMyopathy', '- StatinMiopathy'],
    lines: ['cards/policy.yaml names StatinMiopathy, which is no library of the knowledge.'],
  },
];
