import type { RequestHandler } from 'express';

/** Lets browser pages of the listed origins read the answers; any other origin gets no header, so its browser refuses. */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const origin = request.get('Origin');
    // A cache must not hand the answer for one origin to another.
    response.setHeader('Vary', 'Origin');
    if (origin !== undefined && origins.includes(origin)) {
      response.set('Access-Control-Allow-Origin', origin);
      response.set('Access-Control-Expose-Headers', 'Retry-After');
    }
    next();
  };
}

/** Answers OPTIONS; permits only what `allowOrigins` has let in before it. */
export const answerPreflight: RequestHandler = (_request, response) => {
  if (response.get('Access-Control-Allow-Origin') !== undefined) {
    response.set('Access-Control-Allow-Methods', 'GET, POST');
    response.set('Access-Control-Allow-Headers', 'Authorization, Content-Type');
    response.set('Access-Control-Max-Age', '600');
  }
  response.status(204).end();
};
