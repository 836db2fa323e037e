import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4.js';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerTo } from './prefetched.js';

/** A FHIR server with any number of records that answers reads and searches, a page at a time. */
export class PagingServer {
  url = '';
  readonly records = new Map<string, readonly FhirResource[]>();
  readonly #pages = new Map<string, Bundle>();
  readonly #pageSize: number;
  readonly #server: Server;

  private constructor(pageSize: number) {
    this.#pageSize = pageSize;
    this.#server = createServer((request, response) => {
      const found = this.#answer((request.url ?? '').replace(/^\/fhir\/?/, ''));
      response.writeHead(found === null ? 404 : 200, { 'content-type': 'application/fhir+json' });
      response.end(JSON.stringify(found ?? {}));
    });
  }

  static async open(pageSize: number): Promise<PagingServer> {
    const opened = new PagingServer(pageSize);
    await new Promise<void>((resolve) => opened.#server.listen(0, '127.0.0.1', resolve));
    // It listens on TCP, where the address is no text.
    opened.url = `http://127.0.0.1:${String((opened.#server.address() as AddressInfo).port)}/fhir`;
    return opened;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The first page of a Bundle; the rest is kept for whoever follows its next link. */
  paged({ entry = [], ...bundle }: Bundle, size = this.#pageSize): Bundle {
    const rest: BundleEntry[] = entry.slice(size);
    if (rest.length === 0) return { ...bundle, entry };
    const address = `?page=${String(this.#pages.size)}`;
    // Kept under its place before the rest is cut further, so that no two pages share one.
    this.#pages.set(address, bundle);
    this.#pages.set(address, this.paged({ ...bundle, entry: rest }, size));
    return { ...bundle, entry: entry.slice(0, size), link: [{ relation: 'next', url: `${this.url}${address}` }] };
  }

  /** Ids of resources that are read begin with their patient's. */
  #answer(target: string): FhirResource | null {
    const page = this.#pages.get(target);
    if (page !== undefined) return page;
    const patientId =
      new URLSearchParams(target.split('?')[1]).get('patient') ?? target.split('/')[1]?.split('-')[0] ?? '';
    const record = this.records.get(patientId) ?? [];
    const found = answerTo(target, record);
    return found?.resourceType === 'Bundle' ? this.paged(found) : found;
  }
}
