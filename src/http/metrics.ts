import express, { type Express } from 'express';
import type { Log } from '../log.js';
import { ServiceError } from '../errors.js';
import { errorResponse } from './error-response.js';

/** What is counted, in the text format of Prometheus. */
export interface MetricsSource {
  contentType: string;
  metrics(): Promise<string>;
}

/** `GET /metrics`, for a port of its own: whoever reaches that one may read them. */
export function createMetricsApp(source: MetricsSource, log: Log): Express {
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/metrics', async (_request, response) => {
    const text = await source.metrics();
    response.set('Content-Type', source.contentType).send(text);
  });
  app.all('/metrics', (_request, response) => {
    response.set('Allow', 'GET, HEAD');
    throw new ServiceError('method-not-allowed', 'Only GET, HEAD can be used here.');
  });
  app.use(() => {
    throw new ServiceError('unknown-service', 'There is nothing at this address.');
  }, errorResponse(log));
  return app;
}
