import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FhirServer } from '../../src/fhir-server.js';
import { page } from './opened-gateway.js';

/** FHIR servers on loopback, and one elsewhere that nobody may call; opened afresh for each test. */
export class LoopbackServers {
  /** The paths asked of the FHIR servers, in order. */
  readonly calls: string[] = [];
  connections = 0;
  readonly elsewhere = { url: '', calls: 0 };
  readonly #servers: Server[] = [];

  static async open(): Promise<LoopbackServers> {
    const opened = new LoopbackServers();
    const server = await opened.#serve((_, response) => {
      opened.elsewhere.calls += 1;
      response.end(JSON.stringify(page(['stolen'])));
    });
    opened.elsewhere.url = baseOf(server);
    return opened;
  }

  /** Starts a FHIR server whose entry names its address. */
  async fhir(listener: RequestListener): Promise<FhirServer> {
    const server = await this.#serve((request, response) => {
      this.calls.push(request.url ?? '');
      listener(request, response);
    });
    server.on('connection', () => {
      this.connections += 1;
    });
    return { url: baseOf(server), addresses: ['127.0.0.1/32'], insecure: true };
  }

  /** Starts a FHIR server that answers with JSON made from the call's number and its own base URL. */
  json(make: (call: number, base: string) => unknown): Promise<FhirServer> {
    return this.fhir((request, response) =>
      response.end(JSON.stringify(make(this.calls.length, `http://${request.headers.host ?? ''}/fhir`))),
    );
  }

  async close(): Promise<void> {
    const all = this.#servers.splice(0);
    all.forEach((server) => {
      server.closeAllConnections();
    });
    await Promise.all(all.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #serve(listener: RequestListener): Promise<Server> {
    const server = createServer(listener);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }
}

function baseOf(server: Server): string {
  // It listens on TCP, where the address is no text.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
}
