import express, { type Request, type RequestHandler, type Response } from 'express';
import { parse } from 'secure-json-parse';
import { ServiceError } from '../errors.js';
import { DEEPEST_NESTING, JsonShape, MOST_MEMBERS } from '../json-shape.js';

/** Bytes of a body from which on the pieces it came in are let go of at once. */
const LET_GO_FROM = 500_000;
/** Bytes of a piece that is worth it: a client can send a body byte by byte. */
const SMALLEST_LET_GO = 1_000;
/** V8 looks for each piece among all that go with it. */
const LET_GO_TOGETHER = 500;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export type ReadBody = (request: Request, response: Response) => Promise<unknown>;
export type ReadBytes = (request: Request, response: Response) => Promise<Buffer>;

/** Reads and parses JSON bodies; throws as `readBytes` and `parseJson` do. */
export function readBody(maxBytes: number): ReadBody {
  const read = readBytes(maxBytes);
  return async (request, response) => parseJson(await read(request, response));
}

/**
 * Reads JSON bodies of at most `maxBytes` unpacked (gzip, deflate and brotli are unpacked), without parsing them.
 * Throws `wrong-media-type`, `too-large` or `malformed-request`.
 */
export function readBytes(maxBytes: number): ReadBytes {
  const readRaw: RequestHandler = express.raw({ type: () => true, limit: maxBytes });
  return async (request, response) => {
    if (!isJson(request.get('Content-Type') ?? '')) throw wrongMediaType();
    const pieces = mayBeLong(request, maxBytes) ? keepPieces(request, maxBytes) : [];
    await new Promise<void>((resolve, reject) => {
      readRaw(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(refusal(error));
      });
    });
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    letGo(pieces, body);
    return body;
  };
}

/** What is packed is not kept, it is gone once it is unpacked; nor what says of itself that it is short, or too long. */
function mayBeLong(request: Request, most: number): boolean {
  const isPacked = (request.get('Content-Encoding') ?? 'identity') !== 'identity';
  // One that does not say how long it is, as no number, is neither.
  const length = Number(request.get('Content-Length'));
  return !isPacked && !(length < LET_GO_FROM) && !(length > most);
}

/** What a body comes in, of at most so many bytes: of one that is longer, and will be refused, nothing is kept. */
function keepPieces(request: Request, most: number): readonly Buffer[] {
  const kept: Buffer[] = [];
  let bytes = 0;
  const keep = (piece: Buffer) => {
    kept.push(piece);
    bytes += piece.byteLength;
    if (bytes <= most) return;
    request.off('data', keep);
    kept.length = 0;
  };
  request.on('data', keep);
  return kept;
}

/**
 * Frees the memory of what a long body came in, which was copied together: V8 counts it as the main thread's, and with
 * every few charts of 5 MB it would stop everybody for 10 to 20 ms to look for it.
 */
function letGo(pieces: readonly Buffer[], body: Buffer): void {
  const own = pieces.filter(
    ({ byteLength, buffer }) =>
      byteLength >= SMALLEST_LET_GO && byteLength === buffer.byteLength && buffer !== body.buffer,
  );
  if (own.length === 0) return;
  // What is sent to nobody is gone; in Node 20 an ArrayBuffer has no way of its own to be given up.
  const { port1, port2 } = new MessageChannel();
  for (let from = 0; from < own.length; from += LET_GO_TOGETHER) {
    const together = own.slice(from, from + LET_GO_TOGETHER);
    port1.postMessage(
      undefined,
      together.map(({ buffer }) => buffer as ArrayBuffer),
    );
  }
  // Both: else the message waits for ever at the end that nobody listens at, with all it holds.
  port1.close();
  port2.close();
}

/** `application/json` or `application/*+json`, in UTF-8. */
function isJson(contentType: string): boolean {
  const [mediaType = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (!/^application\/(?:[a-z0-9.-]+\+)?json$/.test(mediaType)) return false;
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  return charset === undefined || ['charset=utf-8', 'charset="utf-8"'].includes(charset);
}

/** The body parser tells its errors apart by status. */
function refusal(error: unknown): ServiceError {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413)
    return new ServiceError('too-large', 'The body is larger than this service accepts.', { cause: error });
  if (status === 415) return wrongMediaType(error);
  return new ServiceError('malformed-request', 'The body could not be read to its end.', { cause: error });
}

function wrongMediaType(cause?: unknown): ServiceError {
  const message = 'The body must be application/json or application/*+json in UTF-8, plain or gzip.';
  return new ServiceError('wrong-media-type', message, { cause });
}

/** @throws ServiceError `malformed-request` */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new ServiceError('malformed-request', 'The body is empty.');
  refuseMonstrous(bytes);
  try {
    return parse(utf8.decode(bytes), { protoAction: 'remove', constructorAction: 'remove' });
  } catch (error) {
    throw new ServiceError('malformed-request', 'The body is not JSON in UTF-8.', { cause: error });
  }
}

function refuseMonstrous(bytes: Buffer): void {
  const problem = new JsonShape().read(bytes);
  if (problem === 'too-deep')
    throw new ServiceError('malformed-request', `The body is nested deeper than ${DEEPEST_NESTING} levels.`);
  if (problem === 'too-many')
    throw new ServiceError('too-large', `An object or a list of the body has more than ${MOST_MEMBERS} members.`);
}
