import type { lookup } from 'node:dns';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FhirServer } from '../../src/fhir-server.js';
import { FaultRun, PATIENT_REFUSED, RECORD, TOKEN } from '../support/fault-run.js';
import { type FaultServer, json, status } from '../support/fault-server.js';
import { failed, openServer, QUERY } from '../support/opened-gateway.js';
import { prefetched } from '../support/prefetched.js';

/** On the list, as is the one server that is there. */
const NAMED = 'https://ehr.example/fhir';

let run: FaultRun;
let trusted: FaultServer;
/** What nobody may reach: it listens on every address of this machine. */
let listener: Server;
let port = '';
let connections = 0;

beforeAll(async () => {
  listener = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, resolve));
  // It listens on TCP, where the address is no text.
  port = String((listener.address() as AddressInfo).port);
  run = await FaultRun.start(120, {}, [NAMED]);
});
beforeEach(() => {
  trusted = run.server();
  connections = 0;
});
afterAll(async () => {
  await run.close();
  await new Promise((resolve) => listener.close(resolve));
});

/** A template with the ports of the listener and the address of the trusted server. */
function spelled(template: string): string {
  return template.replaceAll('PORT', port).replaceAll('TRUSTED', new URL(trusted.url).host);
}

it('the listener sees who comes', async () => {
  const socket = connect(Number(port), '127.0.0.1');
  await new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
  expect(connections).toBe(1);
});

describe('a FHIR server that is not on the list', () => {
  it.each([
    'http://127.0.0.1:PORT/fhir',
    'http://localhost:PORT/fhir',
    'http://LOCALHOST:PORT/fhir',
    'http://localhost.:PORT/fhir',
    'http://127.0.0.1.:PORT/fhir',
    'http://127.1:PORT/fhir',
    'http://127.0.1:PORT/fhir',
    'http://2130706433:PORT/fhir',
    'http://0x7f000001:PORT/fhir',
    'http://0x7f.1:PORT/fhir',
    'http://0x7f.0x0.0x0.0x1:PORT/fhir',
    'http://017700000001:PORT/fhir',
    'http://0177.0.0.01:PORT/fhir',
    'http://0177.0x0.0.1:PORT/fhir',
    'http://0:PORT/fhir',
    'http://0.0.0.0:PORT/fhir',
    'http://[::]:PORT/fhir',
    'http://[::1]:PORT/fhir',
    'http://[0:0:0:0:0:0:0:1]:PORT/fhir',
    'http://[::127.0.0.1]:PORT/fhir',
    'http://[::ffff:127.0.0.1]:PORT/fhir',
    'http://[::ffff:7f00:1]:PORT/fhir',
    'http://[64:ff9b::7f00:1]:PORT/fhir',
    'http://[2002:7f00:1::]:PORT/fhir',
    'http://[fe80::1]:PORT/fhir',
    'http://[fd00::1]:PORT/fhir',
    'http://169.254.169.254/latest/meta-data',
    'http://169.254.169.254:PORT/fhir',
    'http://100.64.0.1:PORT/fhir',
    'http://10.0.0.1:PORT/fhir',
    'http://192.168.0.1:PORT/fhir',
    'http://１２７.０.０.１:PORT/fhir',
    'http://①②⑦.⓪.⓪.①:PORT/fhir',
    'http://127。0。0。1:PORT/fhir',
    'http://ｌｏｃａｌｈｏｓｔ:PORT/fhir',
    'http://%31%32%37.0.0.1:PORT/fhir',
    'http://TRUSTED@127.0.0.1:PORT/fhir',
    'http://ehr.example@127.0.0.1:PORT/fhir',
    'http://127.0.0.1:PORT@TRUSTED/fhir',
    'https://ehr.example:PORT/fhir',
    'https://ehr.example.localhost:PORT/fhir',
    'http://ehr.example/fhir',
    'https://ehr.example./fhir',
    'https://ehr.example%2elocalhost:PORT/fhir',
    'https://еhr.example/fhir',
    'http://127.0.0.1:PORT\\@TRUSTED/fhir',
    'http://TRUSTED\\@127.0.0.1:PORT/fhir',
    'http://127.0.0.1:PORT/fhir?TRUSTED/fhir',
    'http://127.0.0.1:PORT/fhir#TRUSTED/fhir',
    'http:127.0.0.1:PORT/fhir',
    'http:/127.0.0.1:PORT/fhir',
    'http:///127.0.0.1:PORT/fhir',
    'http://127.0.0.1\t:PORT/fhir',
    'http://TRUSTED/fhir/../admin',
    'http://TRUSTED/fhir/..;/admin',
    'http://TRUSTED/fhirs',
    'https://127.0.0.1:PORT/fhir',
    'ftp://127.0.0.1:PORT/fhir',
    'ws://127.0.0.1:PORT/fhir',
    'file:///etc/passwd',
    "javascript:fetch('http://127.0.0.1:PORT')",
    'data:application/json,{}',
  ])('(%s) is not connected to', async (template) => {
    const outcome = await run.open(`fhirServer ${template}`, trusted, { fhirServer: spelled(template) });
    expect(outcome).toEqual({ ...PATIENT_REFUSED, calls: 0 });
    expect(connections).toBe(0);
  });

  it.each([
    'http://127.0.0.1%2f:PORT/fhir',
    'http://TRUSTED.localhost:PORT/fhir',
    '//127.0.0.1:PORT/fhir',
    '127.0.0.1:PORT/fhir',
  ])('(%s) is no URL', async (template) => {
    const outcome = await run.open(`fhirServer ${template}`, trusted, { fhirServer: spelled(template) });
    expect(outcome).toMatchObject({ status: 400, calls: 0 });
    expect(connections).toBe(0);
  });
});

describe('a name on the list', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.0.0.1.',
    '１２７.０.０.１',
    '0.0.0.0',
    'localhost',
    'localhost.',
    '[::]',
    '[::1]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ])('(%s) is not connected to where its address is private and the entry does not name it', async (host) => {
    const unnamed = { url: `http://${host}:${port}/fhir`, addresses: [], insecure: true };
    expect(await openServer(unnamed).search(QUERY)).toEqual(failed);
    expect(connections).toBe(0);
  });

  /** A resolver that gives these, one after the other. */
  const resolving = (...addresses: string[]) =>
    // All that the connector asks of it.
    ((_: string, __: object, callback: (error: null, found: object[]) => void) => {
      const address = addresses.shift() ?? '';
      callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    }) as unknown as typeof lookup;
  const named = (): FhirServer => {
    const url = trusted.url.replace('127.0.0.1', 'rebinding.example');
    return { url, addresses: ['127.0.0.1/32'], insecure: true };
  };

  it.each([
    '0.0.0.0',
    '127.0.0.2',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '::',
    '::1',
    '::ffff:0.0.0.0',
    '64:ff9b::7f00:1',
    'fe80::1',
  ])('that is bound to %s once it is trusted is not connected to', async (address) => {
    trusted.answer(/^Observation/, json({ resourceType: 'Bundle' }));
    const server = openServer(named(), { lookup: resolving('127.0.0.1', address, '127.0.0.1') });
    expect(await server.read('Patient', 'p1')).toMatchObject({ resource: { id: 'p1' } });
    expect(await server.search(QUERY)).toEqual(failed);
    expect([trusted.connections, connections]).toEqual([1, 0]);
    expect(await server.search(QUERY)).toMatchObject({ complete: true });
  });
});

describe('a server on the list', () => {
  const locations = ['http://127.0.0.1:PORT/fhir', '//127.0.0.1:PORT/fhir', 'http://TRUSTED@127.0.0.1:PORT/fhir'];

  it.each([300, 301, 302, 303, 304, 305, 307, 308])('that redirects (%i) is not followed', async (code) => {
    for (const location of locations) trusted.answer(/./, status(code, '', { Location: spelled(location) }));
    const outcome = await run.open(`redirect ${String(code)}`, trusted);
    expect(outcome).toEqual({ ...PATIENT_REFUSED, calls: 10 });
    expect(connections).toBe(0);
  });

  it.each(locations)('that pages to %s is not followed', async (location) => {
    const page = { resourceType: 'Bundle', link: [{ relation: 'next', url: `${spelled(location)}/Observation?p=2` }] };
    trusted.answer(/^Observation/, json(page));
    const { notices } = await run.open(`next link ${location}`, trusted);
    expect(notices).toContain('Only partly checked: results and measurements (more results exist than could be read)');
    expect(connections).toBe(0);
  });

  it.each(locations)('whose client was handed a page that goes on at %s is not left', async (location) => {
    const next = { relation: 'next', url: `${spelled(location)}/Observation?p=2` };
    const record = prefetched(run.templates, RECORD, 'p1');
    const prefetch = { ...record, labs: { ...record['labs'], link: [next] } };
    const { notices } = await run.open(`prefetched next link ${location}`, trusted, { prefetch });
    expect(notices).toEqual(['Only partly checked: results and measurements (more results exist than could be read)']);
    expect(connections).toBe(0);
  });

  it.each(locations)('whose orders name a drug at %s is not left', async (location) => {
    const order = {
      resourceType: 'MedicationRequest',
      id: 'm1',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/p1' },
      medicationReference: { reference: `${spelled(location)}/Medication/m1` },
      authoredOn: '2026-05-01',
    };
    trusted.answer(/^MedicationRequest/, json({ resourceType: 'Bundle', entry: [{ resource: order }] }));
    const { notices } = await run.open(`medicationReference ${location}`, trusted);
    expect(notices).toEqual(['1 medication entries name a drug that could not be looked up']);
    expect(connections).toBe(0);
  });
});

it('the token is nowhere but at the server on the list', () => {
  expect(run.letOut).toContain('requestFailed');
  expect(run.letOut).not.toContain(TOKEN);
});
