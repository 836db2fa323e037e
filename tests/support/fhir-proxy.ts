import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before a real FHIR server: tells what is asked of it and may hold calls back. */
export class FhirProxy {
  /** Method and path with query of each call, in order. */
  readonly calls: string[] = [];
  /** Awaited before a call is passed on. */
  hold: (path: string) => Promise<unknown> | undefined = () => undefined;
  /** Whether the server learns the address it was called by: its links lead here then, else past this proxy. */
  passesHost = true;
  url = '';
  readonly #target: URL;
  readonly #server: Server;

  static async open(target: string): Promise<FhirProxy> {
    const proxy = new FhirProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    // It listens on TCP, where the address is no text.
    const { port } = proxy.#server.address() as AddressInfo;
    proxy.url = `http://127.0.0.1:${port}${proxy.#target.pathname}`;
    return proxy;
  }

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, outgoing) => void this.#pass(incoming, outgoing));
  }

  /** Calls so far of which the path, without the base, begins like this. */
  callsOf(beginning: string): string[] {
    return this.calls.filter((call) => call.split(' ')[1]?.startsWith(`${this.#target.pathname}/${beginning}`));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = incoming;
    this.calls.push(`${method} ${path}`);
    await this.hold(path);
    const { hostname: host, port } = this.#target;
    const passedHeaders = this.passesHost ? headers : { ...headers, host: this.#target.host };
    const passed = request({ host, port, method, path, headers: passedHeaders }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  }
}
