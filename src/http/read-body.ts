import express, { type Request, type RequestHandler, type Response } from 'express';
import { parse } from 'secure-json-parse';
import { ServiceError } from '../errors.js';

export type ReadBody = (request: Request, response: Response) => Promise<unknown>;
export type ReadBytes = (request: Request, response: Response) => Promise<Buffer>;

const DEEPEST_NESTING = 64;
/** Of one object or list. A table of a million names takes more memory than a thread may have, and ends the process with it. */
const MOST_MEMBERS = 100_000;
const [QUOTE, BACKSLASH, COMMA, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\,[]{}');

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
    await new Promise<void>((resolve, reject) => {
      readRaw(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(refusal(error));
      });
    });
    return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  };
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
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return parse(text, { protoAction: 'remove', constructorAction: 'remove' });
  } catch (error) {
    throw new ServiceError('malformed-request', 'The body is not JSON in UTF-8.', { cause: error });
  }
}

/** Looks at the bytes before anything parses them: a million open brackets would cost a second, and later the stack. */
function refuseMonstrous(bytes: Buffer): void {
  const members = new Uint32Array(DEEPEST_NESTING + 1);
  let depth = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) index = endOfString(bytes, index);
    else if (byte === COMMA) {
      members[depth] = (members[depth] ?? 0) + 1;
      if ((members[depth] ?? 0) >= MOST_MEMBERS) throw tooMany();
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > DEEPEST_NESTING) throw tooDeep();
      members[depth] = 0;
    } else if ((byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) && depth > 0) depth -= 1;
  }
}

function tooDeep(): ServiceError {
  return new ServiceError('malformed-request', `The body is nested deeper than ${DEEPEST_NESTING} levels.`);
}

function tooMany(): ServiceError {
  return new ServiceError('too-large', `An object or a list of the body has more than ${MOST_MEMBERS} members.`);
}

/** Where the quote stands that ends what one at `start` begins: three bytes of four are within strings. */
function endOfString(bytes: Buffer, start: number): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
  return index;
}
