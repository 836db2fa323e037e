import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { kidneyPatient } from './kidney-patient.js';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const PATIENTS = [...kidneyPatient('a', { calcium: 7.8, phosphate: 6.2 }), ...kidneyPatient('b')];
export const linesFor = (type: string) =>
  PATIENTS.filter(({ resourceType }) => resourceType === type)
    .map((resource) => `${JSON.stringify(resource)}\n`)
    .join('');
export const TYPES = ['Patient', 'Condition', 'Observation'];

/** A FHIR server that exports, and answers badly where it is told to: the last answer given for an address stays. */
export class ExportServer {
  readonly calls: { method: string | undefined; path: string; headers: IncomingMessage['headers'] }[] = [];
  readonly #answers = new Map<string, Answer[]>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.calls.push({ method: request.method, path, headers: request.headers });
      const answers = this.#answers.get(path.split('?')[0] ?? '') ?? [];
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      (answer ?? says(404))(request, response);
    });
  }

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.answer('/fhir/Group/g/$export', says(202, '', { 'content-location': `${this.url}/status/1` }));
    this.answer('/fhir/status/1', says(200, JSON.stringify(this.manifest())));
    for (const type of TYPES) this.answer(`/fhir/files/${type}`, says(200, linesFor(type)));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/fhir`;
  }

  manifest(url = (type: string) => `${this.url}/files/${type}`): object {
    return { output: TYPES.map((type) => ({ type, url: url(type) })), error: [] };
  }

  answer(path: string, ...answers: Answer[]): void {
    this.#answers.set(path, answers);
  }

  of(path: string) {
    return this.calls.filter((call) => call.path.split('?')[0] === path);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export function says(status: number, body = '', headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
}
