import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.js';

/** Whoever has waited so long for his turn waits no longer: an answer after that helps nobody, and costs those behind him theirs. */
const MOST_WAIT_MS = 2_000;
const LOOK_EVERY_MS = 100;

/**
 * Refuses calls that come in while more wait than can be answered in time. Calls of a crowd wait in their sockets, where
 * nothing counts them; but all that wait are served in one turn of the event loop, so how long that turn lasts already
 * says how long they have waited. A refusal is cheap, so the turn then ends soon.
 */
export function refuseWhenLate(): RequestHandler {
  let turnedAt = performance.now();
  setInterval(() => {
    turnedAt = performance.now();
  }, LOOK_EVERY_MS).unref();
  return (_request, { locals }, next) => {
    const startedAt = Number(locals['startedAt']);
    if (performance.now() - Math.min(turnedAt, startedAt) > MOST_WAIT_MS)
      throw new ServiceError('not-ready', 'Too many requests at once; try again later.');
    next();
  };
}
