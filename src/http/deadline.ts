import type { Response } from 'express';
import { ServiceError } from '../errors.js';

/**
 * Runs `work` until it is done, `ms` have passed or the client has hung up, whichever comes first.
 * In the last two cases its signal is aborted and `not-ready` is thrown at once, whether `work` listens or not.
 */
export async function withDeadline<Result>(
  response: Response,
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stop = (message: string) => () => {
    controller.abort(new ServiceError('not-ready', message));
  };
  const onClose = stop('The client has gone.');
  const timer = setTimeout(stop('The answer took too long.'), ms);
  response.once('close', onClose);
  try {
    return await Promise.race([work(controller.signal), rejectionOf(controller.signal)]);
  } finally {
    clearTimeout(timer);
    response.off('close', onClose);
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      // Ours is the only abort, so the reason is the ServiceError given above.
      reject(signal.reason as ServiceError);
    });
  });
}
