import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { ServiceError } from '../errors.js';
import { rawErrorResponse } from './error-response.js';
import { messagesOf } from './messages.js';

/** A server that accepts connections. */
export interface Listening {
  url: string;
  /** Stops accepting, lets calls in flight finish for up to 10 s, then cuts what is left. */
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 2_000;
/** How long calls in flight may take once the server is closed. */
export const GRACE_MS = 10_000;

/** Milliseconds a client may take over what it says. */
export interface SlowestClient {
  /** For the head of a request. */
  headersTimeout: number;
  /** For the whole of it. */
  requestTimeout: number;
  /** How often they are looked at. Node does it every 30 s by default, which would make both longer. */
  connectionsCheckingInterval: number;
}

export const SLOWEST_CLIENT: SlowestClient = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
};
const OPTIONS = {
  keepAliveTimeout: 65_000,
  // Nothing is read from that header, and Node would refuse without saying anything.
  requireHostHeader: false,
};

/**
 * Listens on the configured address; port 0 takes a free one. An app of Express makes its messages by this server from
 * then on (`messagesOf`).
 *
 * @param settings names of those that say where, for the error
 * @throws ServiceError `invalid-config` when that address cannot be had
 */
export async function listen(
  app: Express | RequestListener,
  { host, port }: { host: string; port: number },
  settings = 'HOST, PORT',
  slowest = SLOWEST_CLIENT,
): Promise<Listening> {
  const messages = 'request' in app ? messagesOf(app) : {};
  const server = createServer({ ...OPTIONS, ...slowest, ...messages }, app);
  server.maxConnections = MOST_CONNECTIONS;
  server.on('clientError', refuseBroken);
  // Node would refuse an expectation it does not know, again without a word; the app answers as it always does.
  server.on('checkExpectation', app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new ServiceError('invalid-config', `${settings}: the service cannot listen there`, { cause }));
    });
    // A crowd that connects at once must find room to wait: who is turned away by the system tries again seconds later.
    server.listen({ port, host, backlog: MOST_CONNECTIONS }, resolve);
  });
  return { url: urlOf(server), close: () => closeGently(server) };
}

function urlOf(server: Server): string {
  // A server that listens on a port has an AddressInfo.
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** What is no HTTP, or comes too slowly, never reaches the app. */
function refuseBroken(_error: Error, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(rawErrorResponse(new ServiceError('malformed-request', 'The request could not be read.')));
}

async function closeGently(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  // A connection that has just been answered stays open for the next call unless it is told.
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  const cut = setTimeout(() => {
    server.closeAllConnections();
  }, GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
