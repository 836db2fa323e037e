import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/**
 * The classes of requests and responses that are the app's from the start.
 *
 * Express gives every message the app's prototype once it has come. In V8 before that of Node 24 an object that was given
 * another prototype has a hidden class of its own from then on, and one more with each property it gets: whatever reads or
 * writes it looks everything up by name, and the hidden classes fill the heap. A message that has the prototype already is
 * left as it is.
 */
export function messagesOf(app: Express) {
  class Request extends IncomingMessage {}
  class Response extends ServerResponse {
    /** Express would make one without a prototype, which V8 keeps as a table. */
    locals = {};
  }
  // Both as `express()` makes them: all of Express, and the app.
  Object.setPrototypeOf(Request.prototype, app.request);
  Object.setPrototypeOf(Response.prototype, app.response);
  // as: the classes are of Express by their prototypes, which the compiler does not see.
  app.request = Request.prototype as Express['request'];
  app.response = Response.prototype as Express['response'];
  return { IncomingMessage: Request, ServerResponse: Response };
}
