import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import Database from 'libsql';
import { FaultServer, json, reset, resetInBody, status } from '../support/fault-server.js';
import { postJson } from '../support/http-service.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';
import { SigningClient } from '../support/signing-client.js';

const describeWhenBuilt = IS_BUILT ? describe : describe.skip;
const ID = 'renal-cramps-patient-view';
const ISSUER = 'https://ehr.example.org';
const BASE = 'https://cds.example.org';

/** Each stands for one kind of what must not leak. The value is one that no rule, limit or count has. */
const CANARIES = {
  'the FHIR token': 'token-canary-4f1c',
  'the name of the patient': 'Canaryname',
  'the id of the patient': 'id-canary-81d3',
  'the id of a resource': 'lab-canary-55',
  'the value of a lab': '7.4193',
  'the text of a drug': 'Canarydrug',
  'the comment of a clinician': 'comment-canary',
  'the user': 'Practitioner/user-canary',
  'what a FHIR server says': 'server-canary',
};
/** A card is about a patient: what it says of them is meant for the client. */
const MAY_STAND_ON_CARDS = [
  'the id of the patient',
  'the value of a lab',
  'the id of a resource',
  'the text of a drug',
];

const subject = { reference: `Patient/${CANARIES['the id of the patient']}` };
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });

const RECORD = [
  {
    resourceType: 'Patient',
    id: CANARIES['the id of the patient'],
    birthDate: '1950-01-01',
    name: [{ family: CANARIES['the name of the patient'] }],
  },
  ...['N18.4', 'R25.2'].map((code, index) => ({
    resourceType: 'Condition',
    id: `condition-${index}`,
    subject,
    code: coded('http://hl7.org/fhir/sid/icd-10-cm', code),
    recordedDate: new Date().toISOString().slice(0, 10),
  })),
  {
    resourceType: 'Observation',
    id: CANARIES['the id of a resource'],
    status: 'final',
    subject,
    code: coded('http://loinc.org', '17861-6'),
    effectiveDateTime: new Date().toISOString(),
    valueQuantity: { value: 7.4193, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
  },
  {
    resourceType: 'MedicationRequest',
    id: 'drug',
    status: 'active',
    intent: 'order',
    subject,
    medicationCodeableConcept: { text: CANARIES['the text of a drug'] },
  },
] as unknown as FhirResource[];

describeWhenBuilt('after a session of good calls, faults and errors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'canaries-'));
  let service: ServiceProcess;
  let fhir: FaultServer;
  let client: SigningClient;
  let metrics = '';
  const tokens: string[] = [];
  const cards: string[] = [];
  const others: string[] = [];

  const bearer = (path: string, changes: Record<string, unknown> = {}) => {
    const iat = Math.floor(Date.now() / 1_000);
    const token = client.bearer({ aud: `${BASE}${path}`, iat, exp: iat + 300, ...changes });
    tokens.push(token.split(' ')[1] ?? '');
    return token;
  };
  const send = async (path: string, body: unknown, authorization = bearer(path)) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await postJson(`${service.url}${path}`, text, { Authorization: authorization });
    const answer = await response.text();
    (response.status === 200 && answer.includes('"cards"') ? cards : others).push(answer);
    others.push(JSON.stringify([...response.headers]));
    return { status: response.status, answer };
  };
  const hook = (changes: Record<string, unknown> = {}) => ({
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    fhirServer: fhir.url,
    fhirAuthorization: {
      access_token: CANARIES['the FHIR token'],
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'patient/*.read',
      subject: 'cds',
    },
    context: { userId: CANARIES['the user'], patientId: CANARIES['the id of the patient'] },
    ...changes,
  });
  const call = (changes?: Record<string, unknown>) => send(`/cds-services/${ID}`, hook(changes));

  beforeAll(async () => {
    fhir = await FaultServer.open(RECORD);
    client = await SigningClient.create(ISSUER);
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [client.publicKey] }));
    const entry = { jwks: { file: 'keys.json' }, fhirServers: [{ url: fhir.url, insecure: true }] };
    writeFileSync(join(folder, 'clients.yaml'), JSON.stringify({ [ISSUER]: entry }));
    service = await ServiceProcess.start({
      DATABASE_URL: `file:${folder}/feedback.db`,
      AUDIT_LOG: join(folder, 'audit.log'),
      CLIENT_AUTH: 'required',
      CDS_CLIENTS: join(folder, 'clients.yaml'),
      PUBLIC_BASE_URL: BASE,
      DEMO: 'on',
      LOG_LEVEL: 'trace',
      NODE_DEBUG: '',
    });
    await session();
    metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
    await service.stop();
  }, 180_000);
  afterAll(async () => {
    await service.stop('SIGKILL');
    await fhir.close();
    rmSync(folder, { recursive: true });
  });

  async function session(): Promise<void> {
    const good = await call();
    expect({ status: good.status, isCard: good.answer.includes('7.4193') }).toEqual({ status: 200, isCard: true });
    const card: unknown = JSON.parse(good.answer).cards[0].uuid;
    const comment = { userComment: `${CANARIES['the comment of a clinician']} ${CANARIES['the name of the patient']}` };
    const kept = { feedback: [{ card, outcome: 'overridden', overrideReason: comment }] };
    expect((await send(`/cds-services/${ID}/feedback`, kept)).status).toBe(200);
    await faults();
    await errors();
    const { fhirServer: _server, fhirAuthorization: _token, ...asked } = hook();
    const explained = await fetch(`${service.url}/app/explain`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: service.url },
      body: JSON.stringify({ ...asked, prefetch: { patient: RECORD[0], conditions: bundleOf(RECORD) } }),
    });
    expect(explained.status).toBe(200);
    // It tells our own page about its patient, as a card does.
    cards.push(await explained.text());
  }

  async function faults(): Promise<void> {
    const said = CANARIES['what a FHIR server says'];
    const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'x', diagnostics: said }] };
    const replies = [reset, resetInBody, status(500, said), status(403, said), status(401, said), json(outcome)];
    for (const reply of replies) {
      const faulty = fhir.answer(/Observation/, reply);
      await call();
      expect(faulty.calls.length).toBeGreaterThan(0);
    }
    fhir.answer(/./, status(502, `<html>${said}</html>`));
    expect((await call()).status).toBe(412);
  }

  async function errors(): Promise<void> {
    const path = `/cds-services/${ID}`;
    expect((await call({ hook: CANARIES['the name of the patient'] })).status).toBe(400);
    expect(
      (await call({ context: { userId: CANARIES['the user'], patientId: `${CANARIES['the id of the patient']}/` } }))
        .status,
    ).toBe(400);
    expect((await send(path, `{"${CANARIES['the name of the patient']}`)).status).toBe(400);
    expect((await send(`/cds-services/${CANARIES['the id of the patient']}`, hook())).status).toBe(404);
    const late = { iat: 1_000, exp: 1_300 };
    expect((await send(path, hook(), bearer(path, late))).status).toBe(401);
    const used = bearer(path);
    await send(path, hook(), used);
    expect((await send(path, hook(), used)).status).toBe(401);
    expect((await send(path, hook(), `Bearer ${CANARIES['the FHIR token']}`)).status).toBe(401);
    const unreadable = { feedback: [{ card: CANARIES['the name of the patient'] }] };
    expect((await send(`${path}/feedback`, unreadable)).status).toBe(400);
    await fetch(`${service.url}/${CANARIES['the id of the patient']}?patient=${CANARIES['the name of the patient']}`);
  }

  const places: [string, () => string][] = [
    ['the log, at its most talkative', () => service.written()],
    ['the audit records', () => readFileSync(join(folder, 'audit.log'), 'utf8')],
    ['the metrics', () => metrics],
    ['answers without cards, and headers', () => others.join('\n')],
  ];

  it.each(places)('%s hold none of it', (_place, textOf) => {
    const text = textOf();
    expect(text.length).toBeGreaterThan(1_000);
    const found = Object.entries(CANARIES).filter(([, canary]) => text.includes(canary));
    expect(found.map(([kind]) => kind)).toEqual([]);
    expect(tokens.length).toBeGreaterThan(10);
    expect(tokens.filter((token) => text.includes(token) || text.includes(token.split('.')[2]!))).toEqual([]);
  });

  it('cards and explanations hold values of their patient, but no token, name, user, comment or word of the server', () => {
    const text = cards.join('\n');
    const found = Object.entries(CANARIES).filter(([, canary]) => text.includes(canary));
    const others = found.map(([kind]) => kind).filter((kind) => !MAY_STAND_ON_CARDS.includes(kind));
    expect(others).toEqual([]);
    expect(text).toContain(CANARIES['the value of a lab']);
  });

  it('the store holds the comment in its table of comments, and nothing else', () => {
    const database = new Database(join(folder, 'feedback.db'));
    const textOf = (table: string) => JSON.stringify(database.prepare(`select * from ${table}`).all());
    const comments = textOf('feedback_comment');
    expect(comments).toContain(CANARIES['the comment of a clinician']);
    for (const table of ['issued_card', 'feedback_event', 'used_token']) {
      const text = textOf(table);
      const found = Object.entries(CANARIES).filter(([, canary]) => text.includes(canary));
      expect({ table, found: found.map(([kind]) => kind) }).toEqual({ table, found: [] });
    }
    database.close();
    const inComments = ['the comment of a clinician', 'the name of the patient'];
    const file = readFileSync(join(folder, 'feedback.db'), 'latin1');
    const found = Object.entries(CANARIES).filter(([, canary]) => file.includes(canary));
    expect(found.map(([kind]) => kind).filter((kind) => !inComments.includes(kind))).toEqual([]);
  });
});

function bundleOf(resources: readonly FhirResource[]): object {
  return { resourceType: 'Bundle', type: 'searchset', entry: resources.slice(1).map((resource) => ({ resource })) };
}
