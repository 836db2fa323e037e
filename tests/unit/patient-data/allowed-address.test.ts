import type { lookup } from 'node:dns';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import {
  addressCheck,
  allowedBase,
  checkedConnector,
  confined,
  isWithin,
} from '../../../src/patient-data/allowed-address.js';

const EHR = { url: 'https://ehr.example/fhir', addresses: [], insecure: false };
const REFUSED = { code: 'fhir-request-failed', message: 'The FHIR server could not be reached.' };

/** A server on loopback that counts who comes. */
let port = '';
let connections = 0;
let answer: RequestListener;
let close: () => Promise<void>;
beforeEach(async () => {
  answer = (_, response) => response.end('{}');
  connections = 0;
  const server = createServer((incoming, response) => {
    answer(incoming, response);
  }).on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on TCP, where the address is no text.
  port = String((server.address() as AddressInfo).port);
  close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
});
afterEach(() => close());

describe('an allowed server', () => {
  it('is found however many slashes its entry ends with', () => {
    const entry = { ...EHR, url: 'https://ehr.example/fhir//' };
    expect(allowedBase('https://ehr.example/fhir/', [entry])).toEqual({
      server: entry,
      origin: 'https://ehr.example',
      path: '/fhir',
    });
  });

  it.each(['https://user@ehr.example/fhir', 'https://:word@ehr.example/fhir', 'https://user:word@ehr.example/fhir'])(
    'is not called as somebody else: %s',
    (url) => {
      expect(isWithin(new URL(url), { origin: 'https://ehr.example', path: '/fhir' })).toBe(false);
    },
  );

  it.each(['http://ehr.example/fhir', 'https://other.example/fhir', 'https://ehr.example:8443/fhir'])(
    'is at its own origin alone: not at %s',
    (url) => {
      expect(isWithin(new URL(url), { origin: 'https://ehr.example', path: '/fhir' })).toBe(false);
    },
  );

  it('has the one IPv6 address that its entry names, and no other', () => {
    const check = addressCheck({ ...EHR, addresses: ['fd00::1'] });
    expect(['fd00::1', 'fd00::2'].map(check)).toEqual([true, false]);
  });

  it('says why the range of its entry cannot be read', () => {
    expect(() => addressCheck({ ...EHR, addresses: ['10.0.0.0/99'] })).toThrow(
      expect.objectContaining({ code: 'invalid-config', cause: expect.any(Error) }),
    );
  });
});

describe('a connection', () => {
  const isLoopback = addressCheck({ ...EHR, addresses: ['127.0.0.1'] });
  const sockets: Socket[] = [];
  afterEach(() => {
    sockets.splice(0).forEach((socket) => socket.destroy());
  });

  /** A resolver that gives these addresses, and writes down what it was asked. */
  function resolving(...addresses: string[]) {
    const asked: unknown[] = [];
    const resolver = (hostname: string, options: object, callback: (error: null, found: object[]) => void) => {
      asked.push({ hostname, ...options });
      const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      callback(null, found);
    };
    // All that the connector asks of it.
    return { asked, resolver: resolver as unknown as typeof lookup };
  }

  /** What comes of connecting to this host: `connected`, or the error. */
  function connecting(
    hostname: string,
    resolver?: typeof lookup,
    more: { localAddress?: string } = {},
    check = isLoopback,
  ) {
    const connect = checkedConnector(check, 2_000, resolver);
    return new Promise<unknown>((resolve) => {
      connect({ hostname, port, protocol: 'http:', ...more }, (error, socket) => {
        if (socket !== null) sockets.push(socket);
        resolve(error ?? (socket.remoteAddress === '127.0.0.1' ? 'connected' : 'elsewhere'));
      });
    });
  }

  it('is made to an address that is allowed', async () => {
    expect(await connecting('127.0.0.1')).toBe('connected');
  });

  it('is not begun to one that is not', async () => {
    expect(await connecting('127.0.0.2')).toMatchObject(REFUSED);
    expect(await connecting('::1')).toMatchObject(REFUSED);
    expect(connections).toBe(0);
  });

  it.each([
    ['of its own choice', {}],
    ['from one address of ours', { localAddress: '127.0.0.1' }],
  ])('to a name takes only those of its addresses that are allowed, %s', async (_name, more) => {
    const { asked, resolver } = resolving('10.0.0.1', '127.0.0.2', '127.0.0.1');
    expect(await connecting('ehr.example', resolver, more)).toBe('connected');
    expect(asked).toEqual([expect.objectContaining({ hostname: 'ehr.example', all: true, hints: expect.anything() })]);
    expect(connections).toBe(1);
  });

  it('to a name without such an address is refused', async () => {
    expect(await connecting('ehr.example', resolving('10.0.0.1', '127.0.0.2').resolver)).toMatchObject(REFUSED);
    expect(await connecting('ehr.example', resolving().resolver)).toMatchObject(REFUSED);
    expect(connections).toBe(0);
  });

  it('is given up when its own address is not the one that was allowed', async () => {
    const answers = [true, false];
    expect(await connecting('127.0.0.1', undefined, {}, () => answers.shift() ?? false)).toMatchObject(REFUSED);
    expect(answers).toEqual([]);
  });

  it('to a name that nobody knows fails with the error of the resolver', async () => {
    const error = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    const unknown = (_: string, __: object, callback: (error: Error, found: object[]) => void) => {
      callback(error, [{ address: '127.0.0.1', family: 4 }]);
    };
    expect(await connecting('ehr.example', unknown as unknown as typeof lookup)).toMatchObject({ code: 'ENOTFOUND' });
    expect(connections).toBe(0);
  });

  it('to where nobody listens fails with the error of the network', async () => {
    await close();
    expect(await connecting('127.0.0.1')).toMatchObject({ code: 'ECONNREFUSED' });
    close = () => Promise.resolve();
  });
});

describe('a confined call', () => {
  /** Calls the server with so many bytes left; `elsewhere`: while another origin is the one allowed. */
  async function calling({ bytes = 1_000, isElsewhere = false, headers = {} } = {}) {
    const left = { bytes };
    const full = new AbortController();
    const origin = `http://127.0.0.1:${port}`;
    const dispatcher = new Agent().compose(
      confined(isElsewhere ? 'http://127.0.0.1:9' : origin, left, full, new AbortController()),
    );
    try {
      const { body } = await request(`${origin}/`, { dispatcher, headers });
      return { body: await body.text(), left: left.bytes, isFull: full.signal.aborted };
    } catch (error) {
      return { error, isFull: full.signal.aborted };
    }
  }

  it('brings the answer, and counts its bytes', async () => {
    answer = (_, response) => response.end('x'.repeat(1_000));
    expect(await calling()).toEqual({ body: 'x'.repeat(1_000), left: 0, isFull: false });
  });

  it('is broken off once no bytes are left', async () => {
    answer = (_, response) => response.end('x'.repeat(1_001));
    expect(await calling()).toEqual({ error: expect.objectContaining(REFUSED), isFull: true });
  });

  it('goes to no other origin', async () => {
    expect(await calling({ isElsewhere: true })).toEqual({ error: expect.objectContaining(REFUSED), isFull: false });
    expect(connections).toBe(0);
  });

  it.each(['gzip', 'br', 'identity, gzip'])('takes no answer packed by %s', async (encoding) => {
    answer = (_, response) => response.setHeader('content-encoding', encoding).end(gzipSync('{}'));
    expect(await calling()).toEqual({ error: expect.objectContaining(REFUSED), isFull: false });
  });

  it('takes one that says it is not packed', async () => {
    answer = (_, response) => response.setHeader('content-encoding', 'identity').end('{}');
    expect(await calling()).toMatchObject({ body: '{}' });
  });

  it('fails when the connection does', async () => {
    answer = (_, response) => response.write('{', () => response.destroy());
    expect(await calling()).toEqual({ error: expect.any(Error), isFull: false });
    await close();
    close = () => Promise.resolve();
    expect(await calling()).toEqual({ error: expect.objectContaining({ code: 'ECONNREFUSED' }), isFull: false });
  });
});
