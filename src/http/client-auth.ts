import type { Request, RequestHandler } from 'express';
import { ServiceError } from '../errors.js';
import { withoutTrailingSlashes } from '../trailing-slashes.js';
import { checkToken, notTrusted, type TokenChecks } from './client-token.js';

export interface ClientAuth extends TokenChecks {
  /** What the world calls us: the Host header is the caller's word. */
  publicBaseUrl: string;
}

/** Lets only trusted clients pass, and notes which one it is in `locals.client`. */
export function requireClient({ publicBaseUrl, ...checks }: ClientAuth): RequestHandler {
  return async (request, response, next) => {
    const note = (issuer: string) => {
      response.locals['client'] = issuer;
    };
    await checkToken(tokenOf(request), `${publicBaseUrl}${pathOf(request)}`, checks, note).catch(refuse);
    next();
  };
}

function refuse(error: unknown): never {
  if (error instanceof ServiceError) throw error;
  throw new ServiceError('not-ready', 'The client cannot be checked now.', { cause: error });
}

/** Node keeps the first of several headers of this name; which one a proxy looked at is not known. */
function tokenOf({ headersDistinct }: Request): string {
  const [header, ...others] = headersDistinct['authorization'] ?? [];
  if (header === undefined) throw notTrusted('no-token');
  if (others.length > 0) throw notTrusted('several-tokens');
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  if (token === undefined) throw notTrusted('no-token');
  return token;
}

/** The path called, without query and trailing slash. */
function pathOf({ baseUrl, path }: Request): string {
  return withoutTrailingSlashes(`${baseUrl}${path}`);
}
