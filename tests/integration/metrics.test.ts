import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultServer, reset } from '../support/fault-server.js';
import { patientViewCall } from '../support/hook-requests.js';
import { expectOutcome, postJson } from '../support/http-service.js';
import { kidneyPatient } from '../support/kidney-patient.js';
import { scraped, type Series, valueOf } from '../support/metrics.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';

const describeWhenBuilt = IS_BUILT ? describe : describe.skip;
const SERVICE = 'renal-cramps-patient-view';
const CANARY = 'canary-of-a-caller';

describeWhenBuilt('the metrics', () => {
  const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
  let service: ServiceProcess;
  let fhir: FaultServer;
  beforeAll(async () => {
    fhir = await FaultServer.open([]);
    fhir.answer(/./, reset);
    service = await ServiceProcess.start({
      DATABASE_URL: `file:${folder}/feedback.db`,
      FHIR_SERVERS: fhir.url,
      LOG_LEVEL: 'info',
    });
  });
  afterAll(async () => {
    await service.stop();
    await fhir.close();
    rmSync(folder, { recursive: true });
  });

  const post = (path: string, body: unknown) => postJson(`${service.url}${path}`, JSON.stringify(body));
  /** What a call adds to a series. */
  async function added(name: string, labels: Record<string, string>, act: () => Promise<unknown>): Promise<number> {
    const before = valueOf(await scraped(service.metricsUrl), name, labels);
    await act();
    return valueOf(await scraped(service.metricsUrl), name, labels) - before;
  }

  it('stand at a port of their own, and nowhere else', async () => {
    const response = await fetch(`${service.metricsUrl}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    await expectOutcome(await fetch(`${service.url}/metrics`), 404, 'not-found');
    await expectOutcome(await fetch(`${service.metricsUrl}/cds-services`), 404, 'not-found');
    await expectOutcome(await fetch(`${service.metricsUrl}/metrics`, { method: 'POST' }), 405, 'not-supported');
  });

  it('say which versions run, that the service is ready, and how the process does', async () => {
    const series = await scraped(service.metricsUrl);
    expect(series).toContainEqual({
      name: 'renal_cramp_info',
      labels: { version: '0.1.0', knowledge: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
      value: 1,
    });
    expect(valueOf(series, 'renal_cramp_ready')).toBe(1);
    expect(valueOf(series, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(valueOf(series, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('count a hook by service and status, its time and stages, its card by what it says', async () => {
    const before = await scraped(service.metricsUrl);
    const { cards } = await service.openChart();
    expect(cards).toHaveLength(1);
    const after = await scraped(service.metricsUrl);
    const difference = (name: string, labels = {}) => valueOf(after, name, labels) - valueOf(before, name, labels);
    expect(difference('renal_cramp_hooks_total', { service: SERVICE, status: '200' })).toBe(1);
    expect(difference('renal_cramp_hook_seconds_count')).toBe(1);
    for (const stage of ['gather', 'evaluate', 'render'])
      expect(difference('renal_cramp_hook_stage_seconds_count', { stage })).toBe(1);
    const finding = 'low-calcium-phosphate-retention';
    expect(difference('renal_cramp_cards_total', { finding, indicator: cards[0]!.indicator })).toBe(1);
    expect(difference('renal_cramp_findings_total', { finding, likelihood: 'likely' })).toBe(1);
    expect(difference('renal_cramp_findings_total', { finding, likelihood: 'possible' })).toBe(0);
  });

  it('count feedback by outcome and by reasons that cards offer, and repeats', async () => {
    const { cards } = await service.openChart();
    const [{ code, system } = {}] = cards[0]!.overrideReasons ?? [];
    const entry = { card: cards[0]!.uuid, outcome: 'overridden', outcomeTimestamp: '2026-05-12T09:00:00Z' };
    const known = () => service.sendFeedback({ ...entry, overrideReason: { reason: { code, system } } });
    const labels = { outcome: 'overridden', reason: code! };
    expect(await added('renal_cramp_feedback_total', labels, known)).toBe(1);
    expect(await added('renal_cramp_feedback_repeats_total', {}, known)).toBe(1);
    const other = { outcome: 'overridden', reason: 'other' };
    const strange = () =>
      service.sendFeedback({ card: CANARY, outcome: 'overridden', overrideReason: { reason: { code: CANARY } } });
    expect(await added('renal_cramp_feedback_total', other, strange)).toBe(1);
    const accepted = { outcome: 'accepted', reason: 'none' };
    const accept = () => service.sendFeedback({ card: cards[0]!.uuid, outcome: 'accepted' });
    expect(await added('renal_cramp_feedback_total', accepted, accept)).toBe(1);
  });

  it('count what a record lacks: resources of others, what cannot be read, units', async () => {
    const resources = [
      ...kidneyPatient('p', { calcium: 7.4, phosphate: 6.2 }),
      { resourceType: 'Observation', id: 'foreign', subject: { reference: `Patient/${CANARY}` } },
    ] as ReturnType<typeof kidneyPatient>;
    const strange = resources.map((resource) =>
      resource.resourceType === 'Observation' && resource.valueQuantity !== undefined
        ? { ...resource, valueQuantity: { value: 7, unit: CANARY } }
        : resource,
    );
    const open = () => service.openChart(strange);
    expect(await added('renal_cramp_unreadable_units_total', {}, open)).toBeGreaterThan(0);
    const hook = patientViewCall({
      prefetch: {
        patient: { resourceType: 'Patient', id: 'patient-1' },
        conditions: { resourceType: 'Bundle', entry: [{ resource: { ...resources.at(-1) } }] },
      },
    });
    const foreign = () => post(`/cds-services/${SERVICE}`, hook);
    expect(await added('renal_cramp_foreign_resources_total', {}, foreign)).toBe(1);
  });

  it('count calls to a FHIR server by its place, and say that it is left alone', async () => {
    const call = () => post(`/cds-services/${SERVICE}`, patientViewCall({ fhirServer: fhir.url }));
    expect(await added('renal_cramp_fhir_calls_total', { server: '0', outcome: 'failed' }, call)).toBeGreaterThan(0);
    await call();
    expect(await added('renal_cramp_fhir_calls_total', { server: '0', outcome: 'not-made' }, call)).toBeGreaterThan(0);
    expect(valueOf(await scraped(service.metricsUrl), 'renal_cramp_fhir_server_resting', { server: '0' })).toBe(1);
  });

  it('never get a series from what a caller sends', async () => {
    const namesOf = (series: Series[]) =>
      series.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`).filter((name) => name.startsWith('renal_'));
    const before = namesOf(await scraped(service.metricsUrl));
    const unknown = { service: 'other', status: '404' };
    const toUnknown = () => post(`/cds-services/${CANARY}`, patientViewCall());
    expect(await added('renal_cramp_hooks_total', unknown, toUnknown)).toBe(1);
    await hostileRun(service.url);
    const series = await scraped(service.metricsUrl);
    expect(namesOf(series)).toEqual(before);
    expect(JSON.stringify(series)).not.toContain(CANARY);
    const runtime = series.filter(({ name }) => !name.startsWith('renal_'));
    expect(runtime.filter(({ name }) => !/^(process|nodejs)_/.test(name))).toEqual([]);
    // What the runtime names itself: spaces of the heap, kinds of handles, its version.
    const values = runtime.flatMap(({ labels }) => Object.values(labels));
    expect(values.filter((value) => !/^[A-Za-z0-9_.+]{1,40}$/.test(value))).toEqual([]);
    expect(valueOf(series, 'renal_cramp_errors_total', { code: 'unexpected' })).toBe(0);
  });
});

/** Names, ids and addresses that nobody has thought of, wherever a caller can put them. */
async function hostileRun(url: string): Promise<void> {
  const strange = [CANARY, `"} 1\nrenal_cramp_${CANARY} 1`, '../../etc/passwd', '__proto__', 'constructor', '\u202e'];
  for (const text of strange) {
    const path = `/cds-services/${encodeURIComponent(text)}`;
    const body = JSON.stringify(
      patientViewCall({
        hook: text,
        hookInstance: text,
        fhirServer: `https://${CANARY}.example.org/${encodeURIComponent(text)}`,
        prefetch: { [text]: { resourceType: text, id: text } },
      }),
    );
    const known = JSON.stringify(
      patientViewCall({
        fhirServer: `https://${CANARY}.example.org`,
        prefetch: { [text]: { resourceType: text, id: text }, patient: { resourceType: text }, x: [text] },
        extension: { [text]: text },
      }),
    );
    const feedback = JSON.stringify({
      feedback: [{ card: CANARY, outcome: 'overridden', overrideReason: { reason: { code: text, system: text } } }],
    });
    await postJson(`${url}${path}`, body);
    await postJson(`${url}${path}/feedback`, body);
    await postJson(`${url}/cds-services/${SERVICE}`, body);
    await postJson(`${url}/cds-services/${SERVICE}`, known);
    await postJson(`${url}/cds-services/${SERVICE}/feedback`, feedback);
    await fetch(`${url}${path}`, { method: 'DELETE', headers: { Authorization: `Bearer ${CANARY}` } });
    await fetch(`${url}/${encodeURIComponent(text)}?${CANARY}=${CANARY}`);
  }
  await strangeMethod(url);
}

function strangeMethod(url: string): Promise<void> {
  return new Promise((resolve) => {
    const asked = request(`${url}/cds-services/${SERVICE}`, { method: 'PROPFIND' }, (response) => {
      response.resume().once('end', resolve);
    });
    asked.once('error', () => {
      resolve();
    });
    asked.end();
  });
}
