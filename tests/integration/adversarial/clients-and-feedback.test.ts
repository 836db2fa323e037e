import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdversarialRun, NOTHING_DONE, PATIENT_VIEW } from '../../support/adversarial-run.js';
import { LoopbackServers } from '../../support/loopback-servers.js';
import { BASE, SigningClient } from '../../support/signing-client.js';

const ISSUER = 'https://ehr.example.org';
const ehr = await SigningClient.create(ISSUER);
const rotated = await SigningClient.create(ISSUER, 'RS384', 'key-2');
const FEEDBACK = `${PATIENT_VIEW}/feedback`;
const NOT_TRUSTED = { status: 401, refused: ['security', 'The client is not trusted.'], ...NOTHING_DONE };
// Its servers are those of its own entry: none.
const TRUSTED = {
  status: 200,
  findings: ['low-calcium-phosphate-retention 85', 'loop-diuretic-calcium-loss 70'],
  notices: [],
  ...NOTHING_DONE,
};

const folder = mkdtempSync(join(tmpdir(), 'adversarial-clients-'));
let servers: LoopbackServers;
let run: AdversarialRun;
let keys = [ehr.publicKey];
beforeAll(async () => {
  servers = await LoopbackServers.open();
  const jwks = await servers.json(() => ({ keys }));
  writeFileSync(join(folder, 'clients.json'), JSON.stringify({ [ISSUER]: { jwks } }));
  const CDS_CLIENTS = join(folder, 'clients.json');
  run = await AdversarialRun.start({ CLIENT_AUTH: 'required', CDS_CLIENTS, PUBLIC_BASE_URL: BASE, DEMO: 'off' });
});
afterAll(async () => {
  await run.close();
  await servers.close();
  rmSync(folder, { recursive: true });
});

function token(path: string, claims: Record<string, unknown> = {}, client = ehr): string {
  const now = Math.floor(Date.now() / 1_000);
  return client.bearer({ aud: `${BASE}${path}`, iat: now, exp: now + 300, ...claims });
}
const viewed = (Authorization: string) => run.tell(run.call(), { headers: { Authorization } });
const reported = (...feedback: object[]) =>
  run.tell({ feedback }, { path: FEEDBACK, headers: { Authorization: token(FEEDBACK, {}, rotated) } });
const reasons = () => run.service.logged().flatMap(({ reason }) => reason ?? []);

describe('adversarial clients', () => {
  it('44: a token for the feedback address opens no chart', async () => {
    expect(await viewed(token(FEEDBACK))).toEqual(NOT_TRUSTED);
    expect(reasons().at(-1)).toBe('wrong-audience');
  });

  it('45: a token is taken once, and not again a second later', async () => {
    const once = token(PATIENT_VIEW);
    expect(await viewed(once)).toEqual(TRUSTED);
    await pause(1_000);
    expect(await viewed(once)).toEqual(NOT_TRUSTED);
    expect(reasons().at(-1)).toBe('replayed');
  });

  it('46: a key rotated between two calls is fetched once, and the old one no longer believed', async () => {
    expect(await viewed(token(PATIENT_VIEW))).toEqual(TRUSTED);
    keys = [rotated.publicKey];
    const before = servers.calls.length;
    expect(await viewed(token(PATIENT_VIEW, {}, rotated))).toEqual(TRUSTED);
    expect(await viewed(token(PATIENT_VIEW))).toEqual(NOT_TRUSTED);
    expect([servers.calls.length - before, reasons().at(-1)]).toEqual([1, 'unknown-key']);
  });
});

describe('adversarial feedback', () => {
  const at = { outcomeTimestamp: '2026-05-17T12:00:00Z' };

  it('47: feedback sent twice counts once, and the other outcome of the same card once more', async () => {
    const card = randomUUID();
    const done = (rows: number) => ({ status: 200, ...NOTHING_DONE, rows });
    expect(await reported({ card, outcome: 'accepted', ...at })).toEqual(done(1));
    expect(await reported({ card, outcome: 'accepted', ...at })).toEqual(done(0));
    expect(await reported({ card, outcome: 'overridden', ...at })).toEqual(done(1));
  });

  it('48: feedback on an unknown card is kept and answered like any other, without a body', async () => {
    expect(await reported({ card: 'nobody-issued-this', outcome: 'overridden', ...at })).toEqual({
      status: 200,
      ...NOTHING_DONE,
      rows: 1,
    });
    expect(run.last.text).toBe('');
  });
});
