import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.js';

/** The process runs. */
export const answerLive: RequestHandler = (_request, response) => {
  response.json({ status: 'live' });
};

/** Whether hooks can be answered: 200 or 503. */
export function answerReady(isReady: () => boolean): RequestHandler {
  return (_request, response) => {
    if (!isReady()) throw new ServiceError('not-ready', 'The service is starting or stopping.');
    response.json({ status: 'ready' });
  };
}
