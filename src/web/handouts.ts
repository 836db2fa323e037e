import { Router, type RequestHandler, type Response } from 'express';
import type { Handout } from '../cards/handout.js';
import { ServiceError } from '../errors.js';
import { HANDOUT_STYLE } from './handout-style.js';
import { renderHandout, renderHandoutList } from './render-handout.js';

/** Where the pages are mounted. */
export const HANDOUTS_PATH = '/handouts';

/** No script and nothing from elsewhere: a page and its stylesheet. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The patient handouts as printable pages: a list, one page each (`?print=large` for large print), and their stylesheet.
 *
 * @throws ServiceError `invalid-knowledge` when a handout cannot be shown; answers unknown names with `unknown-service`
 */
export function handoutPages(handouts: readonly Handout[]): Router {
  const list = renderHandoutList(handouts);
  const pages = new Map(handouts.map((handout) => [handout.name, renderHandout(handout)]));
  // The links of a page are relative, so each has one address only.
  const router = Router({ strict: true, caseSensitive: true });
  router.use(secure);
  router.get('/', toFolder, (_request, response) => {
    sendPage(response, list);
  });
  router.get('/handout.css', (_request, response) => {
    response.type('css').send(HANDOUT_STYLE);
  });
  router.get('/:name', ({ params, query }, response) => {
    const page = pages.get(params.name);
    if (page === undefined) throw new ServiceError('unknown-service', 'There is no handout of this name.');
    sendPage(response, query['print'] === 'large' ? page.large : page.normal);
  });
  router.use(refuseOthers);
  return router;
}

const secure: RequestHandler = (_request, response, next) => {
  response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  next();
};

const toFolder: RequestHandler = ({ originalUrl }, response, next) => {
  const [path = ''] = originalUrl.split('?');
  if (path.endsWith('/')) {
    next();
    return;
  }
  response.redirect(308, `${HANDOUTS_PATH.slice(1)}/`);
};

const refuseOthers: RequestHandler = (request, response) => {
  if (['GET', 'HEAD'].includes(request.method))
    throw new ServiceError('unknown-service', 'There is no handout of this name.');
  response.set('Allow', 'GET, HEAD');
  throw new ServiceError('method-not-allowed', 'The handouts can only be read.');
};

function sendPage(response: Response, page: string): void {
  response.type('html').send(page);
}
