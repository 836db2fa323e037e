import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { readCardTemplates } from '../../src/cards/card-template.js';
import { readConfig } from '../../src/config.js';
import { ServiceError } from '../../src/errors.js';
import { FOLDERS } from '../../src/folders.js';
import { readFeedback } from '../../src/http/feedback-body.js';
import { readPolicy } from '../../src/policy.js';
import { loadKnowledge } from '../../src/reasoning/knowledge.js';
import { readValueSets } from '../../src/reasoning/value-sets.js';
import { readSiteCodes } from '../../src/site-codes.js';
import { readSamplePatients } from '../../src/web/sample-patient.js';
import { refuseUnknown, search } from '../../src/web/sample-search.js';
import { mutated } from '../support/mutated.js';
import { mutatedText } from '../support/mutated-text.js';
import { sampleRecord } from '../support/sample-record.js';

const folder = mkdtempSync(join(tmpdir(), 'doors-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A file of its own for each door, in a folder that holds nothing else to read. */
function placeFor(name: string): string {
  mkdirSync(join(folder, name), { recursive: true });
  return join(folder, name);
}
const textOf = (path: string): string => readFileSync(path, 'utf8');
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

interface Door {
  /** What is right there, as JSON or as text. */
  right: unknown;
  codes: string[];
  /** Fewer where each costs much. */
  runs?: number;
  /** Reads it and says whether what was let in is what the schema allows. */
  read: (text: Buffer) => boolean;
}

const clientsFile = join(placeFor('clients'), 'clients.json');
const siteFile = join(placeFor('site'), 'codes.yaml');
const policyFile = join(placeFor('policy'), 'policy.yaml');
const KEY = { kty: 'EC', kid: 'key-1', crv: 'P-384', x: 'AA', y: 'AA' };
writeFileSync(join(placeFor('clients'), 'keys.json'), JSON.stringify({ keys: [KEY] }));
copyFileSync(join(FOLDERS.elm, 'CrampTerminology.json'), join(placeFor('elm'), 'CrampTerminology.json'));

const SAMPLE = sampleRecord('sample-phosphate');

const SETTINGS = {
  PORT: '3000',
  HOST: '127.0.0.1',
  PUBLIC_BASE_URL: 'https://cds.example.org/renal',
  FHIR_SERVERS: 'https://ehr.example.org/fhir, http://127.0.0.1:8080/fhir',
  CORS_ORIGINS: 'https://ehr.example.org',
  MAX_BODY_BYTES: '1000000',
  TIME_ZONE: 'Europe/Berlin',
  DATABASE_URL: 'file:data/feedback.db',
  SMART_CLIENTS: 'https://ehr.example.org/fhir=app|https://login.example.org',
  LOG_LEVEL: 'info',
};

const DOORS: Record<string, Door> = {
  'the settings, SMART clients among them': {
    right: SETTINGS,
    codes: ['invalid-config'],
    read: (text) => {
      const set = Object.entries(Object(JSON.parse(text.toString())) as object);
      // An environment holds texts alone.
      const env = Object.fromEntries(
        set.map(([name, value]) => [name, isText(value) ? String(value) : JSON.stringify(value)]),
      );
      const { port, smartClients, fhirServers } = readConfig(env);
      const isServed = [...smartClients.map(({ iss }) => iss), ...fhirServers.map(({ url }) => url)];
      return Number.isInteger(port) && port >= 0 && port <= 65_535 && isServed.every((url) => /^https?:\/\//.test(url));
    },
  },
  CDS_CLIENTS: {
    right: {
      'https://ehr.example.org': {
        jwks: { file: 'keys.json' },
        algorithms: ['ES384'],
        maxLifetimeSeconds: 300,
        fhirServers: [{ url: 'https://ehr.example.org/fhir', addresses: ['10.0.0.0/8'] }],
      },
      anonymous: { fhirServers: [{ url: 'http://hapi:8080/fhir', addresses: ['172.16.0.0/12'], insecure: true }] },
    },
    codes: ['invalid-config'],
    read: (text) => {
      writeFileSync(clientsFile, text);
      const { clients } = readConfig({ CDS_CLIENTS: clientsFile });
      const allowed = ['ES384', 'RS384', 'ES256', 'RS256'];
      return clients.every(
        ({ algorithms, maxLifetimeSeconds: life }) =>
          algorithms.length > 0 && algorithms.every((each) => allowed.includes(each)) && life >= 1 && life <= 3_600,
      );
    },
  },
  SITE_CODES: {
    right: { haemodialysis: [{ system: 'urn:oid:2.999.1', code: 'HD' }], ecgOrder: { system: 'urn:s', code: 'ECG' } },
    codes: ['invalid-config'],
    read: (text) => {
      writeFileSync(siteFile, text);
      const { valueSets, orders } = readSiteCodes(siteFile);
      return [...valueSets.values(), [...orders.values()]]
        .flat()
        .every(({ system, code }) => isText(system) && isText(code));
    },
  },
  'a value set': {
    right: JSON.parse(textOf(join(FOLDERS.valueSets, 'phosphate.json'))) as unknown,
    codes: ['invalid-knowledge'],
    read: (text) => {
      writeFileSync(join(placeFor('sets'), 'phosphate.json'), text);
      const [set] = readValueSets(join(folder, 'sets')).values();
      return isText(set?.url) && (set?.codes ?? []).every(({ system, code }) => isText(system) && isText(code));
    },
  },
  'a card': {
    right: textOf(join(FOLDERS.cards, 'Hypothyroidism.md')),
    codes: ['invalid-knowledge'],
    read: (text) => {
      writeFileSync(join(placeFor('cards'), 'Hypothyroidism.md'), text);
      cpSync(join(FOLDERS.cards, 'handouts'), join(folder, 'cards/handouts'), { recursive: true });
      const [card] = readCardTemplates(join(folder, 'cards'), new Map([['Hypothyroidism', ['tsh']]])).values();
      return isText(card?.title) && (card?.summaries.length ?? 0) > 0;
    },
  },
  'policy.yaml': {
    right: parse(textOf(join(FOLDERS.cards, 'policy.yaml'))) as unknown,
    codes: ['invalid-knowledge'],
    read: (text) => {
      writeFileSync(policyFile, text);
      const { version, ranking } = readPolicy(policyFile);
      return /^\d+\.\d+\.\d+$/.test(version) && Number.isFinite(ranking.likely) && Number.isFinite(ranking.possible);
    },
  },
  'compiled knowledge': {
    right: JSON.parse(textOf(join(FOLDERS.elm, 'FhirValues.json'))) as unknown,
    codes: ['invalid-knowledge'],
    runs: 60,
    read: (text) => {
      writeFileSync(join(folder, 'elm/FhirValues.json'), text);
      const { libraries } = loadKnowledge({ ...FOLDERS, elm: join(folder, 'elm') });
      return libraries.size < 2;
    },
  },
  'a sample patient': {
    right: parse(textOf(join(FOLDERS.samples, 'restless-legs-in-stage-4.yaml'))) as unknown,
    codes: ['invalid-config', 'invalid-knowledge'],
    read: (text) => {
      writeFileSync(join(placeFor('samples'), 'one.yaml'), text);
      return readSamplePatients(join(folder, 'samples')).every(({ patient }) => isText(patient.id));
    },
  },
  'a call of feedback': {
    right: {
      feedback: [
        {
          card: 'a',
          outcome: 'overridden',
          overrideReason: { userComment: 'x' },
          outcomeTimestamp: '2026-05-17T12:00:00Z',
        },
      ],
    },
    codes: ['malformed-request', 'too-large'],
    read: (text) => {
      const { events } = readFeedback(JSON.parse(text.toString()));
      return events.every(
        ({ card, outcome, comment = '' }) =>
          /^[a-z0-9._:-]{1,100}$/.test(card) && ['accepted', 'overridden'].includes(outcome) && comment.length <= 2_000,
      );
    },
  },
  'a search of the demo': {
    right: {
      patient: 'sample-phosphate',
      code: '2777-1,http://loinc.org|17861-6',
      _sort: '-date',
      _count: '5',
      status: 'final',
    },
    codes: ['malformed-request'],
    read: (text) => {
      const asked = Object.entries(Object(JSON.parse(text.toString())) as object);
      const query = new URLSearchParams(asked.map(([name, value]): [string, string] => [name, String(value)]));
      refuseUnknown(query);
      const { total, resources } = search(SAMPLE.resources, 'Observation', query);
      return resources.length <= total && resources.every(({ resourceType }) => resourceType === 'Observation');
    },
  },
};

/** Mutations of what is right, and bytes of it broken; where JSON is read by the test itself, none that are no JSON. */
function rubbishFor({ right }: Door): fc.Arbitrary<Buffer> {
  if (typeof right === 'string') return mutatedText(fc.constant(right));
  const values = mutated(fc.constant(right)).map((value) => Buffer.from(JSON.stringify(value)));
  const bytes = mutatedText(fc.constant(JSON.stringify(right)));
  const any = fc.jsonValue({ maxDepth: 3 }).map((value) => Buffer.from(JSON.stringify(value)));
  return fc.oneof({ weight: 4, arbitrary: values }, bytes, any);
}

describe('every door', () => {
  it.each(Object.entries(DOORS))(
    '%s: rubbish is refused by a stable code in few words, or read as what the schema allows',
    (_name, door) => {
      const right = typeof door.right === 'string' ? door.right : JSON.stringify(door.right);
      expect(door.read(Buffer.from(right))).toBe(true);
      let refused = 0;
      const enter = (text: Buffer) => {
        try {
          expect(door.read(text)).toBe(true);
        } catch (error) {
          // The test itself reads these as JSON, before the door.
          if (error instanceof SyntaxError && /JSON/.test(error.message)) return;
          if (!(error instanceof ServiceError)) throw error;
          refused += 1;
          expect(door.codes).toContain(error.code);
          expect(
            error.message.split('\n').filter((line) => line.length > 400 || /node_modules|\n? {4}at /.test(line)),
          ).toEqual([]);
        }
      };
      fc.assert(fc.property(rubbishFor(door), enter), { numRuns: door.runs ?? 150 });
      // Chance decides how many are right after all.
      expect(refused).toBeGreaterThan(2);
    },
  );
});
