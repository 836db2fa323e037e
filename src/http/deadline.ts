import type { Response } from 'express';
import { ServiceError } from '../errors.js';

/**
 * Runs `work` until it is done, `ms` have passed or the client has hung up, whichever comes first.
 * In the last two cases its signal is aborted and `not-ready` is thrown at once, whether `work` listens or not.
 */
export function withDeadline<Result>(
  response: Response,
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const settled = () => {
      clearTimeout(timer);
      response.off('close', onClose);
    };
    const stop = (message: string) => () => {
      const error = new ServiceError('not-ready', message);
      settled();
      controller.abort(error);
      reject(error);
    };
    const onClose = stop('The client has gone.');
    const timer = setTimeout(stop('The answer took too long.'), ms);
    response.once('close', onClose);
    // In a function of its own, so that what throws before there is a promise is no other case.
    const run = async () => work(controller.signal);
    run().finally(settled).then(resolve, reject);
  });
}
