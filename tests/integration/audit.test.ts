import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { FaultServer, silent } from '../support/fault-server.js';
import { patientViewCall } from '../support/hook-requests.js';
import { postJson } from '../support/http-service.js';
import { kidneyPatient } from '../support/kidney-patient.js';
import { padded } from '../support/large-chart.js';
import { scraped, valueOf } from '../support/metrics.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';

const describeWhenBuilt = IS_BUILT ? describe : describe.skip;
const KEY = 'a secret of thirty-two characters';
const PATIENT = 'patient-canary';
const INSTANCE = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
const ID = 'renal-cramps-patient-view';

const folder = mkdtempSync(join(tmpdir(), 'audit-'));
const log = join(folder, 'audit.log');
const keyFile = join(folder, 'key');
writeFileSync(keyFile, `${KEY}\n`);

let service: ServiceProcess;
afterEach(async () => {
  await service.stop();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function start(settings: Record<string, string>): Promise<ServiceProcess> {
  service = await ServiceProcess.start({
    DATABASE_URL: `file:${folder}/feedback.db`,
    ...settings,
  });
  return service;
}

const records = (): Record<string, unknown>[] =>
  readFileSync(log, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

const post = (path: string, body: unknown) => postJson(`${service.url}${path}`, JSON.stringify(body));

describeWhenBuilt('the audit log', () => {
  it('has a line for each call: who, which service, with which knowledge, whose by a keyed hash, and what was shown', async () => {
    await start({ AUDIT_LOG: log, AUDIT_KEY: keyFile });
    const { cards } = await service.openChart(kidneyPatient(PATIENT, { calcium: 7.4, phosphate: 6.2 }));
    await post(`/cds-services/${ID}`, patientViewCall({ hookInstance: INSTANCE }));
    await post(`/cds-services/${ID}`, { hook: 'patient-view' });
    await post('/cds-services/unknown-canary', patientViewCall());
    await service.sendFeedback(
      { card: cards[0]!.uuid, outcome: 'accepted' },
      { card: 'canary-card', outcome: 'overridden', overrideReason: { reason: { code: 'canary-code' } } },
    );
    await service.stop();
    const written = records();
    const common = {
      level: 30,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      client: 'anonymous',
      ms: expect.any(Number),
    };
    const knowledge = expect.stringMatching(/^\d+\.\d+\.\d+$/);
    const hook = { ...common, audit: 'hook', knowledge };
    const patient = (id: string) => createHmac('sha256', KEY).update(id).digest('hex').slice(0, 32);
    expect(written).toEqual([
      {
        ...hook,
        service: ID,
        outcome: 'answered',
        status: 200,
        instance: expect.stringMatching(/^[0-9a-f]{12}$/),
        patient: patient(PATIENT),
        cards: [
          {
            uuid: cards[0]!.uuid,
            indicator: cards[0]!.indicator,
            findings: expect.arrayContaining([{ id: 'low-calcium-phosphate-retention', likelihood: 'likely' }]),
          },
        ],
      },
      {
        ...hook,
        service: ID,
        outcome: 'data-not-available',
        status: 412,
        instance: createHash('sha256').update(INSTANCE).digest('hex').slice(0, 12),
        patient: patient('patient-1'),
      },
      { ...hook, service: ID, outcome: 'malformed-request', status: 400 },
      { ...hook, outcome: 'unknown-service', status: 404 },
      {
        ...common,
        audit: 'feedback',
        knowledge,
        service: ID,
        outcome: 'answered',
        status: 200,
        feedback: [
          { card: cards[0]!.uuid, outcome: 'accepted' },
          { card: 'other', outcome: 'overridden', reason: 'other' },
        ],
        stored: 2,
        repeated: 0,
      },
    ]);
    // A time may hold the digits of a result: `:37.413Z`.
    const timeless = readFileSync(log, 'utf8').replaceAll(/"time":"[^"]*"/g, '');
    expect(timeless).not.toMatch(/canary|7\.4|6\.2/);
    expect(service.written()).not.toContain('"audit"');
  });

  it('says whose a large body was that came to nothing: its caller hung up, or it could not be answered', async () => {
    const lines = records().length;
    const ehr = await FaultServer.open([]);
    ehr.answer(/./, silent);
    // A thread may be slow to start.
    const patience = { FHIR_BUDGET_MS: '1500', HOOK_DEADLINE_MS: '60000' };
    await start({ AUDIT_LOG: log, AUDIT_KEY: keyFile, FHIR_SERVERS: ehr.url, ...patience });
    const url = `${service.url}/cds-services/${ID}`;
    const body = padded(JSON.stringify(patientViewCall({ fhirServer: ehr.url })));
    const sent = request(url, { method: 'POST', headers: { 'Content-Type': 'application/json' } });
    sent.on('error', () => undefined).end(body);
    while (ehr.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    sent.destroy();
    expect((await postJson(url, body)).status).toBe(412);
    await service.stop();
    await ehr.close();
    const patient = createHmac('sha256', KEY).update('patient-1').digest('hex').slice(0, 32);
    expect(records().slice(lines)).toEqual([
      expect.objectContaining({ audit: 'hook', outcome: 'abandoned', patient }),
      expect.objectContaining({ audit: 'hook', outcome: 'data-not-available', status: 412, patient }),
    ]);
  });

  it('has feedback on record however its path is written', async () => {
    const lines = records().length;
    await start({ AUDIT_LOG: log });
    for (const path of ['feedback', 'FEEDBACK', 'feedback/'])
      await post(`/cds-services/${ID}/${path}`, { feedback: [{ card: 'any', outcome: 'accepted' }] });
    await service.stop();
    expect(
      records()
        .slice(lines)
        .map(({ audit, status }) => [audit, status]),
    ).toEqual(Array(3).fill(['feedback', 200]));
  });

  it('is for its owner alone, and only added to', async () => {
    const before = readFileSync(log, 'utf8');
    expect(statSync(log).mode & 0o777).toBe(0o600);
    await start({ AUDIT_LOG: log });
    await service.openChart();
    await service.openChart();
    await service.stop('SIGKILL');
    const after = readFileSync(log, 'utf8');
    expect(after.startsWith(before)).toBe(true);
    // A kill may lose the record of the call that was just answered, and no other.
    expect(after.split('\n').length).toBeGreaterThan(before.split('\n').length);
  });

  it('is among the other lines of standard output unless told otherwise', async () => {
    await start({});
    await service.openChart();
    await service.stop();
    expect(service.logged()).toContainEqual(expect.objectContaining({ audit: 'hook', outcome: 'answered' }));
  });

  it('hides a patient behind a new secret each start without AUDIT_KEY', async () => {
    const hashes: unknown[] = [];
    for (let run = 0; run < 2; run += 1) {
      await start({ AUDIT_LOG: log });
      await service.openChart();
      await service.openChart();
      await service.stop();
      hashes.push(
        ...records()
          .slice(-2)
          .map(({ patient }) => patient),
      );
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[2]).toBe(hashes[3]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });

  it('costs no hook its answer on a full disk, and its lost records are counted', async () => {
    await start({ AUDIT_LOG: '/dev/full' });
    expect((await service.openChart()).status).toBe(200);
    expect((await service.openChart()).status).toBe(200);
    const series = await scraped(service.metricsUrl);
    expect(valueOf(series, 'renal_cramp_lines_lost_total', { stream: 'audit' })).toBe(2);
    expect(valueOf(series, 'renal_cramp_lines_lost_total', { stream: 'log' })).toBe(0);
  });

  it('is not written with AUDIT_LOG=off', async () => {
    await start({ AUDIT_LOG: 'off' });
    await service.openChart();
    await service.stop();
    expect(service.written()).toContain('hookAnswered');
    expect(service.written()).not.toContain('"audit"');
  });
});
