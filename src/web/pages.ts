import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { Router, type RequestHandler, type Response } from 'express';
import type { Config } from '../config.js';
import { ServiceError } from '../errors.js';

/** Where each page stands, and its file among the built ones. */
const APP_PAGES = { '/app': 'app.html', '/app/launch': 'app/launch.html' };
const DEMO_PAGE = { '/': 'index.html' };

export interface PagesParts {
  /** Of the built pages. */
  folder: string;
  config: Pick<Config, 'demo' | 'fhirServers' | 'smartClients' | 'frameAncestors'>;
  /** What the pages ask first. */
  settings: object;
}

/**
 * Our own pages: the demo EHR at `/` while the demo is on, the SMART app, and what they load.
 *
 * @throws ServiceError `invalid-config` when they have not been built
 */
export function ownPages({ folder, config, settings }: PagesParts): Router {
  const router = Router({ strict: true });
  const secure = securePage(contentSecurityPolicy(config));
  for (const [path, file] of Object.entries({ ...(config.demo ? DEMO_PAGE : {}), ...APP_PAGES })) {
    const page = readPage(join(folder, file));
    router.get(path, secure, (_request, response) => {
      response.type('html').send(page);
    });
  }
  router.get('/app/settings', (_request, response) => {
    response.json(settings);
  });
  // Their names change with their content.
  router.use('/assets', express.static(join(folder, 'assets'), { index: false, setHeaders: keepForever }));
  return router;
}

/** No script, style or picture but our own; data from the FHIR servers of the settings alone. */
export function contentSecurityPolicy({
  demo,
  fhirServers,
  smartClients,
  frameAncestors,
}: PagesParts['config']): string {
  const servers = [
    ...(demo ? fhirServers.map(({ url }) => new URL(url).origin) : []),
    ...smartClients.flatMap(({ iss, origins }) => [new URL(iss).origin, ...origins]),
  ];
  const directives = {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'", ...new Set(servers)],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'self'", ...frameAncestors],
    'require-trusted-types-for': ["'script'"],
    'trusted-types': ['dompurify'],
  };
  return Object.entries(directives)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join('; ');
}

function securePage(policy: string): RequestHandler {
  return (_request, response, next) => {
    response.set('Content-Security-Policy', policy);
    // It knows no list of origins: frame-ancestors says it.
    response.removeHeader('X-Frame-Options');
    next();
  };
}

function keepForever(response: Response): void {
  response.set('Cache-Control', 'public, max-age=31536000, immutable');
}

function readPage(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ServiceError('invalid-config', 'The pages are not built: run the build.', { cause });
  }
}
