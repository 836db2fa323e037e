import { once } from 'node:events';
import { memoryUsage } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { ServiceError } from '../../../src/errors.js';
import { readBytes } from '../../../src/http/read-body.js';

const MOST_BYTES = 4_000_000;
const LONG = `["${'é'.repeat(1_000_000)}"]`;
const SHORT = `["${'a'.repeat(1000)}"]`;

interface Seen {
  /** What was read, or the code of the error. */
  read: unknown;
  /** Bytes of each piece the body came in, before it was read and after. */
  before: number[];
  after: number[];
  /** How many listened for pieces besides the test: when the first came, when the last came, when the body was read or refused. */
  listeners: { first?: number; last?: number; end?: number };
}

/** A route that reads bodies, and what became of the pieces of the one that is sent to it. */
async function sent(body: string | Buffer | ReadableStream, headers: Record<string, string> = {}): Promise<Seen> {
  const read = readBytes(MOST_BYTES);
  const seen: Seen = { read: undefined, before: [], after: [], listeners: {} };
  const app = express().post('/', async (request, response) => {
    const pieces: Buffer[] = [];
    const others = () => request.listenerCount('data') - 1;
    request.on('data', (piece: Buffer) => {
      seen.listeners.first ??= others();
      seen.listeners.last = others();
      pieces.push(piece);
      seen.before.push(piece.byteLength);
    });
    seen.read = await read(request, response).then(
      (bytes) => bytes.toString(),
      (error: unknown) => (error instanceof ServiceError ? error.code : error),
    );
    seen.listeners.end = others();
    seen.after = pieces.map(({ byteLength }) => byteLength);
    response.end();
  });
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const init = {
    method: 'POST',
    duplex: 'half' as const,
    body: body as string,
    headers: { 'Content-Type': 'application/json', ...headers },
  };
  await (await fetch(`http://127.0.0.1:${port}/`, init)).text();
  server.closeAllConnections();
  server.close();
  return seen;
}

/** What is left of pieces of these sizes: only what is too small to be worth it. */
function leftOf(before: readonly number[]): number[] {
  return before.map((bytes) => (bytes < 1000 ? bytes : 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

describe('a body that is read', () => {
  it('is whole, and the pieces of a long one hold no memory any more', async () => {
    const { read, before, after } = await sent(LONG);
    expect(read).toBe(LONG);
    expect(before.length).toBeGreaterThan(1);
    expect(sum(before)).toBe(2_000_004);
    expect(sum(after)).toBeLessThan(1000);
    expect(after).toEqual(leftOf(before));
  });

  it('keeps the pieces of a short one, which are not worth it', async () => {
    const { read, before, after } = await sent(SHORT);
    expect(read).toBe(SHORT);
    expect(after).toEqual(before);
  });

  it('keeps nothing of what it was packed in', async () => {
    const packed = gzipSync(noise(300_000));
    expect(packed.byteLength).toBeGreaterThan(500_000);
    const { read, before, after } = await sent(packed, { 'Content-Encoding': 'gzip' });
    expect(read).toBe(noise(300_000));
    expect(after).toEqual(before);
  });

  it('leaves no memory behind', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = async () => {
      collect();
      await setTimeout(50);
      collect();
      return memoryUsage().arrayBuffers;
    };
    await sent(LONG);
    const before = await held();
    for (let times = 0; times < 20; times += 1) await sent(LONG);
    // 40 MB were sent.
    expect((await held()) - before).toBeLessThan(4_000_000);
  });

  it('keeps its pieces when they are too small to be worth it', async () => {
    const { read, before, after } = await sent(unannounced(600_000, 500));
    expect(read).toHaveLength(600_002);
    expect(Math.max(...before)).toBeLessThan(1000);
    expect(after).toEqual(before);
  });

  it('lets go of more pieces than go together', async () => {
    const { read, before, after } = await sent(unannounced(1_300_000, 1_000));
    expect(read).toHaveLength(1_300_002);
    expect(before.filter((bytes) => bytes >= 1000).length).toBeGreaterThan(1200);
    expect(after).toEqual(leftOf(before));
  });

  it('is refused when it is packed as nobody packs', async () => {
    const { read } = await sent(LONG, { 'Content-Encoding': 'none-that-is-known' });
    expect(read).toBe('wrong-media-type');
  });

  it('is refused when it says that it is too long, and not kept', async () => {
    const { read, listeners } = await sent(`["${'a'.repeat(MOST_BYTES)}"]`);
    expect(read).toBe('too-large');
    expect(listeners).toEqual({ first: 0, last: 0, end: 0 });
  });

  it('is read when it does not say how long it is', async () => {
    const { read, before, after } = await sent(unannounced(2_000_000));
    expect(read).toHaveLength(2_000_002);
    expect(Math.max(...before)).toBeGreaterThan(1000);
    expect(after).toEqual(leftOf(before));
  });

  it('is no longer kept while the rest of one that is too long is read off', async () => {
    const { read, listeners } = await sent(unannounced(MOST_BYTES + 2_000_000));
    expect(read).toBe('too-large');
    expect(listeners).toEqual({ first: 2, last: 0, end: 0 });
  });
});

/** A text that packs badly: hexadecimal digits of a sequence that is the same every time. */
function noise(numbers: number): string {
  let state = 1;
  const digits = Array.from({ length: numbers }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state.toString(16);
  });
  return digits.join('');
}

/** A body that does not say how long it is, in pieces of so many bytes. */
function unannounced(bytes: number, size = bytes): ReadableStream {
  const digits = (length: number) => Buffer.alloc(length, '1');
  const pieces = Array.from({ length: bytes / size }, () => digits(size));
  return ReadableStream.from([Buffer.from('['), ...pieces, Buffer.from(']')]);
}
