import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { type Card, EVALUATION_TIME_EXTENSION } from '../../src/cds-hooks.js';
import { FOLDERS } from '../../src/folders.js';
import { limitsBroken } from './card-limits.js';
import { type ComposedService, findingsOf, startComposedService } from './composed-service.js';
import { RECORD } from './fault-run.js';
import { FaultServer } from './fault-server.js';
import { libsqlRows } from './feedback-databases.js';
import { type Body, expectOutcome, postJson } from './http-service.js';
import { NOW } from './kidney-patient.js';
import { prefetched } from './prefetched.js';

/** What came back, and what the service did meanwhile. */
export interface Told {
  status: number;
  /** Of a refusal: the code of its OperationOutcome and the text. */
  refused?: [code: string, text: string];
  /** Of cards: the findings with their points, in order. */
  findings?: string[];
  /** Lines of the cards about what was left out or could not be checked. */
  notices?: string[];
  /** Calls of the FHIR server that may be called. */
  fhirCalls: number;
  /** Connections to a port of this machine that nobody may reach. */
  connections: number;
  /** Feedback put into the store. */
  rows: number;
}

/** What a request leaves behind that is nobody's business but the client's and ours. */
export const NOTHING_DONE = { fhirCalls: 0, connections: 0, rows: 0 } as const;

export const PATIENT_VIEW = '/cds-services/renal-cramps-patient-view';
const NOTICE =
  /^- (Could not be checked.*|Only partly checked.*|\d+ (?:of the|entries|medication entries).*|.*: ignored)$/gm;

/** One service with a store of its own, one FHIR server that it may call, and a port that nobody may reach. */
export class AdversarialRun {
  /** The last answer as it was sent, and its cards. */
  last: { text: string; cards: Card[] } = { text: '', cards: [] };
  readonly service: ComposedService;
  /** Each case has one of its own: the service remembers which were down. */
  server: FaultServer;
  readonly #servers: readonly FaultServer[];
  readonly #folder: string;
  readonly #publicBaseUrl: string;
  readonly #listener: Server;
  #connections = 0;
  #cards = 0;

  private constructor(parts: {
    service: ComposedService;
    servers: FaultServer[];
    folder: string;
    listener: Server;
    publicBaseUrl: string;
  }) {
    this.service = parts.service;
    this.#servers = parts.servers;
    this.server = parts.servers[0]!;
    this.#folder = parts.folder;
    this.#publicBaseUrl = parts.publicBaseUrl;
    this.#listener = parts.listener.on('connection', (socket) => {
      this.#connections += 1;
      socket.destroy();
    });
  }

  static async start(settings: Record<string, string> = {}, servers = 1): Promise<AdversarialRun> {
    const folder = mkdtempSync(join(tmpdir(), 'adversarial-'));
    const all = await Promise.all(Array.from({ length: servers }, () => FaultServer.open(RECORD)));
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, resolve));
    const allowed = [...all.map(({ url }) => url), 'https://ehr.example/fhir'].join(',');
    const own = { DATABASE_URL: `file:${join(folder, 'feedback.db')}`, FHIR_SERVERS: allowed };
    // Nothing here is about time, and the machine may be slow.
    const patient = { FHIR_BUDGET_MS: '30000', HOOK_DEADLINE_MS: '60000' };
    const service = await startComposedService(FOLDERS, { ...own, ...patient, ...settings });
    const publicBaseUrl = settings['PUBLIC_BASE_URL'] ?? 'http://127.0.0.1:0';
    return new AdversarialRun({ service, servers: all, folder, listener, publicBaseUrl });
  }

  /** The next FHIR server, which no other case has used. */
  next(): FaultServer {
    this.server = this.#servers[this.#servers.indexOf(this.server) + 1] ?? this.server;
    return this.server;
  }

  get listenerPort(): string {
    // It listens on TCP, where the address is no text.
    return String((this.#listener.address() as AddressInfo).port);
  }

  get templates(): Record<string, string> {
    return this.service.services.find(({ hook }) => hook === 'patient-view')?.prefetch ?? {};
  }

  /** A correct call with everything prefetched, but for what is changed. */
  call(changes: Record<string, unknown> = {}, resources: readonly FhirResource[] = RECORD): Record<string, unknown> {
    return {
      hook: 'patient-view',
      hookInstance: randomUUID(),
      fhirServer: this.server.url,
      context: { userId: 'Practitioner/nephrologist', patientId: 'p1' },
      extension: { [EVALUATION_TIME_EXTENSION]: NOW.toISOString() },
      prefetch: prefetched(this.templates, resources, 'p1'),
      ...changes,
    };
  }

  /** Sends it and tells all that came of it; a body that is no text or bytes is sent as JSON. */
  async tell(body: unknown, { path = PATIENT_VIEW, headers = {} }: Sending = {}): Promise<Told> {
    const [calls, connections, rows] = [this.server.calls.length, this.#connections, this.rows('feedback_event')];
    const isSent = typeof body === 'string' || Buffer.isBuffer(body);
    const response = await postJson(this.service.url + path, isSent ? (body as Body) : JSON.stringify(body), headers);
    const answer = await this.#read(response);
    return {
      status: response.status,
      ...answer,
      fhirCalls: this.server.calls.length - calls,
      connections: this.#connections - connections,
      rows: this.rows('feedback_event') - rows,
    };
  }

  rows(table: string): number {
    const [row] = libsqlRows(`file:${join(this.#folder, 'feedback.db')}`, `select count(*) as n from ${table}`);
    return Number(row?.['n']);
  }

  /** Ends it; by then no card is on record but those that were answered. */
  async close(): Promise<void> {
    await this.service.close();
    const issued = this.rows('issued_card');
    this.#listener.close();
    await Promise.all(this.#servers.map((server) => server.close()));
    rmSync(this.#folder, { recursive: true });
    expect(issued).toBe(this.#cards);
  }

  async #read(response: Response): Promise<Pick<Told, 'refused' | 'findings' | 'notices'>> {
    const text = await response.clone().text();
    const { cards = [], issue = [] } = (text === '' ? {} : JSON.parse(text)) as {
      cards?: Card[];
      issue?: { code: string }[];
    };
    this.last = { text, cards };
    this.#cards += cards.length;
    if (!response.ok) {
      const code = issue[0]?.code ?? '';
      return { refused: [code, await expectOutcome(response, response.status, code)] };
    }
    if (text === '') return {};
    expect(limitsBroken(cards, this.#publicBaseUrl)).toEqual([]);
    return {
      findings: cards.flatMap((card) => findingsOf(card).map(({ id, points }) => `${id} ${String(points)}`)),
      notices: cards.flatMap(({ detail = '' }) => [...detail.matchAll(NOTICE)].map(([, line = '']) => line)),
    };
  }
}

interface Sending {
  path?: string;
  headers?: Record<string, string>;
}
