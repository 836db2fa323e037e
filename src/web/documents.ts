import { Router, type RequestHandler } from 'express';
import { ServiceError } from '../errors.js';

/** Something to read at an address of its own. */
export interface Document {
  /** Such as `/about`. */
  path: string;
  type: 'html' | 'json';
  text: string;
}

/** No script and nothing from elsewhere: a page and its stylesheet. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What the service says of itself; made once, the same for everybody. */
export function documents(all: readonly Document[]): Router {
  // The links of a page are relative, so each has one address only.
  const router = Router({ strict: true });
  for (const { path, type, text } of all) {
    router
      .route(path)
      .get((_request, response) => {
        response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY).type(type).send(text);
      })
      .all(readOnly);
  }
  return router;
}

const readOnly: RequestHandler = (_request, response) => {
  response.set('Allow', 'GET, HEAD');
  throw new ServiceError('method-not-allowed', 'This can only be read.');
};
