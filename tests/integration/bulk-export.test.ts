import { pbkdf2 } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exportGroup } from '../../src/patient-data/bulk-export.js';
import { BulkServer } from '../../src/patient-data/bulk-server.js';
import { type Answer, ExportServer, linesFor, says, TYPES } from '../support/export-server.js';

let server: ExportServer;
let folder: string;
let waits: number[];
let told: string[];
beforeEach(async () => {
  server = await new ExportServer().open();
  folder = join(mkdtempSync(join(tmpdir(), 'export-')), 'export');
  waits = [];
  told = [];
});
afterEach(() => {
  server.close();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

interface Asked {
  mostBytes?: number;
  token?: string;
  isIncompleteTaken?: boolean;
  shared?: string[];
}

async function exported(asked: Asked = {}): Promise<void> {
  const { mostBytes = 1e9, token, isIncompleteTaken = false, shared = [] } = asked;
  const allowed = [{ url: server.url, addresses: ['127.0.0.1/32'], insecure: true }];
  const bulk = BulkServer.open(server.url, { allowed, token });
  const wait = async (ms: number) => void waits.push(ms);
  const tell = (line: string) => void told.push(line);
  try {
    const signal = AbortSignal.timeout(60_000);
    const bounds = { signal, wait, mostBytes, tell, isIncompleteTaken };
    await exportGroup(bulk, { group: 'Group/g', types: TYPES, shared, folder, ...bounds });
  } finally {
    await bulk.close();
  }
}

const kept = (type: string) => {
  const name = readdirSync(folder).find((each) => each.endsWith(`.${type}.ndjson`));
  return name === undefined ? undefined : readFileSync(join(folder, name), 'utf8');
};
const REFUSED = { code: 'fhir-request-failed' };
const TOO_MUCH = { ...REFUSED, message: 'The FHIR server sent more than may be kept.' };

describe('a bulk export', () => {
  it('of which the server says that something is missing is taken only by who asks for that', async () => {
    const error = [{ type: 'OperationOutcome', url: `${server.url}/files/errors` }];
    server.answer('/fhir/status/1', says(200, JSON.stringify({ ...server.manifest(), error })));
    await expect(exported()).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('could not export everything (1 files of problems): --incomplete judges'),
    });
    expect(kept('Patient')).toBeUndefined();
    await exported({ isIncompleteTaken: true });
    expect(TYPES.map(kept)).toEqual(TYPES.map(linesFor));
  });

  it('asks for the types, waits as it is told, keeps the files, and lets the server forget them', async () => {
    const status = '/fhir/status/1';
    server.answer(
      status,
      says(202, '', { 'retry-after': '7' }),
      says(202),
      says(200, JSON.stringify(server.manifest())),
    );

    await exported({ token: 'secret' });

    expect(server.calls[0]).toMatchObject({
      path: '/fhir/Group/g/$export?_type=Patient,Condition,Observation',
      headers: { accept: 'application/fhir+json', prefer: 'respond-async', authorization: 'Bearer secret' },
    });
    expect(waits[0]).toBe(7_000);
    expect(waits[1]).toBeGreaterThanOrEqual(2_000);
    expect(TYPES.map(kept)).toEqual(TYPES.map(linesFor));
    expect(server.calls.at(-1)).toMatchObject({ method: 'DELETE', path: status });
  });

  it('waits when the server is busy: 429 and 503, at every step', async () => {
    const busy = says(429, '', { 'retry-after': '3' });
    server.answer('/fhir/Group/g/$export', busy, says(202, '', { 'content-location': `${server.url}/status/1` }));
    server.answer('/fhir/status/1', busy, says(503), says(200, JSON.stringify(server.manifest())));
    server.answer('/fhir/files/Condition', busy, says(200, linesFor('Condition')));

    await exported();

    expect(waits.filter((ms) => ms === 3_000)).toHaveLength(3);
    expect(kept('Condition')).toBe(linesFor('Condition'));
  });

  it('is asked for without what a server cannot export with a Group, and says so', async () => {
    const started = says(202, '', { 'content-location': `${server.url}/status/1` });
    server.answer('/fhir/Group/g/$export', says(400), started);

    await exported({ shared: ['Medication'] });

    expect(server.calls.slice(0, 2).map(({ path }) => path)).toEqual([
      '/fhir/Group/g/$export?_type=Patient,Condition,Observation,Medication',
      '/fhir/Group/g/$export?_type=Patient,Condition,Observation',
    ]);
    expect(told[0]).toBe('The server refused an export with Medication (400); it is asked for the rest.');
    expect(TYPES.map(kept)).toEqual(TYPES.map(linesFor));
  });

  it.each([
    { shared: [], status: 400, calls: 1 },
    { shared: ['Medication'], status: 400, calls: 2 },
    { shared: ['Medication'], status: 404, calls: 1 },
  ])('that is refused ends with its status: $status with $shared', async ({ shared, status, calls }) => {
    server.answer('/fhir/Group/g/$export', says(status));
    const message = `The FHIR server refused to export (${status}).`;
    await expect(exported({ shared })).rejects.toMatchObject({ ...REFUSED, message });
    expect(server.calls).toHaveLength(calls);
  });

  it('gives up on a server that is always busy', async () => {
    server.answer('/fhir/Group/g/$export', says(503));

    await expect(exported()).rejects.toMatchObject({
      ...REFUSED,
      message: 'The FHIR server was busy each time (503).',
    });
    expect(server.calls).toHaveLength(8);
  });

  it('goes on with a file where it broke off, and begins it anew where the server cannot', async () => {
    const text = linesFor('Observation');
    // The pause lets what was sent arrive.
    const breaking: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': text.length }).write(text.slice(0, 500));
      setTimeout(() => response.destroy(), 1_000);
    };
    const rest: Answer = ({ headers }, response) => {
      const from = Number(/\d+/.exec(headers.range ?? '')?.[0]);
      response.writeHead(206, { 'content-range': `bytes ${from}-${text.length - 1}/${text.length}` });
      response.end(text.slice(from));
    };
    server.answer('/fhir/files/Observation', breaking, rest);
    server.answer('/fhir/files/Patient', breaking, says(200, linesFor('Patient')));

    await exported();

    expect(server.of('/fhir/files/Observation')[1]?.headers.range).toBe('bytes=500-');
    expect(kept('Observation')).toBe(text);
    expect(kept('Patient')).toBe(linesFor('Patient'));
  });

  it('goes on with an export that was broken off, and asks for nothing twice', async () => {
    server.answer('/fhir/files/Observation', says(404));
    await expect(exported()).rejects.toMatchObject(REFUSED);
    server.answer('/fhir/files/Observation', says(200, linesFor('Observation')));

    await exported();

    expect(server.of('/fhir/Group/g/$export')).toHaveLength(1);
    expect(server.of('/fhir/files/Patient')).toHaveLength(1);
    expect(kept('Observation')).toBe(linesFor('Observation'));
  });

  it.each([
    ['another host', (own: string) => own.replace('127.0.0.1', 'localhost')],
    ['another port', () => 'http://127.0.0.1:9/fhir/files/Patient'],
    ['a path outside of the base', (own: string) => own.replace('/fhir/', '/other/')],
    ['a path that climbs', (own: string) => own.replace('/fhir/', '/fhir/%2e%2e/')],
    ['a user in the address', (own: string) => own.replace('http://', 'http://user@')],
    ['its base itself', (own: string) => own.replace(/\/files\/.*/, '')],
    ...['%3b', '%3B', ';', '%24', '%25', '%2f', '%5C', '%7f', '%00', '%09', '%0a', '%1F', '/'].map(
      (text) => [`a path with ${text}`, (own: string) => own.replace('/files/', `/files/${text}`)] as const,
    ),
  ])('does not follow its server to %s', async (_where, elsewhere) => {
    server.answer(
      '/fhir/status/1',
      says(200, JSON.stringify(server.manifest((type) => elsewhere(`${server.url}/files/${type}`)))),
    );

    await expect(exported({ token: 'secret' })).rejects.toMatchObject({
      ...REFUSED,
      message: 'The FHIR server named an address outside of its base.',
    });
    expect(server.calls.filter(({ path }) => path.includes('files'))).toEqual([]);
  });

  it('does not ask at an address in disguise how far the export is', async () => {
    const location = `${server.url}/status/%3b1`;
    server.answer('/fhir/Group/g/$export', says(202, '', { 'content-location': location }));

    await expect(exported({ token: 'secret' })).rejects.toMatchObject({
      ...REFUSED,
      message: 'The FHIR server named an address outside of its base.',
    });
    expect(server.calls).toHaveLength(1);
  });

  it('asks an operation of its server how far the export is', async () => {
    const location = `${server.url}/$export-poll-status?_jobId=1`;
    server.answer('/fhir/Group/g/$export', says(202, '', { 'content-location': location }));
    server.answer('/fhir/$export-poll-status', says(200, JSON.stringify(server.manifest())));

    await exported();

    expect(TYPES.map(kept)).toEqual(TYPES.map(linesFor));
  });

  it('follows no redirect', async () => {
    server.answer('/fhir/files/Patient', says(302, '', { location: `${server.url}/files/Condition` }));

    await expect(exported()).rejects.toMatchObject({ message: 'The FHIR server did not hand out a file (302).' });
    expect(server.of('/fhir/files/Condition')).toEqual([]);
  });

  it('keeps no more than it may', async () => {
    await expect(exported({ mostBytes: 1_000 })).rejects.toMatchObject(TOO_MUCH);
  });

  it('makes no file after it ended, on a machine that is slow to make them', async () => {
    let threadsFree: Promise<unknown> = Promise.resolve();
    server.answer('/fhir/files/Patient', (request, response) => {
      // More than the threads that files are opened on.
      threadsFree = Promise.all(Array.from({ length: 8 }, () => promisify(pbkdf2)('', '', 300_000, 64, 'sha512')));
      says(200, linesFor('Patient'))(request, response);
    });

    await expect(exported({ mostBytes: 10 })).rejects.toMatchObject(TOO_MUCH);

    const before = readdirSync(folder);
    await threadsFree;
    expect(readdirSync(folder)).toEqual(before);
  });

  it('asks no server that is not on the list', () => {
    const allowed = [{ url: 'https://fhir.example/r4', addresses: [], insecure: false }];
    expect(() => BulkServer.open('https://evil.example/r4', { allowed })).toThrow(
      expect.objectContaining({ ...REFUSED, message: 'The FHIR server is not on the list of FHIR_SERVERS.' }),
    );
  });
});
