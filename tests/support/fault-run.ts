import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { type Card, EVALUATION_TIME_EXTENSION } from '../../src/cds-hooks.js';
import { FOLDERS } from '../../src/folders.js';
import { type ComposedService, findingsOf, startComposedService } from './composed-service.js';
import { FaultServer } from './fault-server.js';
import { postJson } from './http-service.js';
import { furosemide, kidneyPatient, NOW } from './kidney-patient.js';

/** Low calcium with much phosphate, on a loop diuretic: enough for a card whatever else is missing. */
export const RECORD = [...kidneyPatient('p1', { calcium: 7.6, phosphate: 6.4 }), furosemide('p1')];
export const TOKEN = 'fault-token-canary-9d41';

/** What the client got. */
export interface Outcome {
  status: number;
  /** Ids of the findings of all cards, in order. */
  findings: string[];
  /** Lines of the cards about what could not be checked or was ignored; of an error, its text. */
  notices: string[];
  /** Made of the server named. */
  calls: number;
}

export interface Asked {
  prefetch?: Record<string, unknown>;
  /** That of the fault server when absent. */
  fhirServer?: string;
}

/** What the client gets when the data could not be had. */
export const PATIENT_REFUSED = {
  status: 412,
  findings: [],
  notices: ['The data of this patient could not be had.'],
} satisfies Omit<Outcome, 'calls'>;

/** As many as discovery has templates: each is asked for once when nothing is prefetched. */
export const QUERIES = 10;

const SERVICE = '/cds-services/renal-cramps-patient-view';
const NOTICE =
  /^- ((?:Could not be checked|Only partly checked|\d+ of the|\d+ entries|\d+ medication entries).*|.*: ignored)$/gm;

/** A service that may call a number of fault servers, one for each test, because it remembers which are down. */
export class FaultRun {
  readonly #service: ComposedService;
  readonly #unused: FaultServer[];
  readonly #all: readonly FaultServer[];
  readonly #rows: string[][] = [];
  #answers = '';

  private constructor(service: ComposedService, servers: readonly FaultServer[]) {
    this.#service = service;
    this.#unused = [...servers];
    this.#all = servers;
  }

  static async start(count: number, settings: Record<string, string> = {}, others: string[] = []): Promise<FaultRun> {
    const servers = await Promise.all(Array.from({ length: count }, () => FaultServer.open(RECORD)));
    const urls = servers.flatMap(({ url }) => [url, url.replace('http:', 'https:')]);
    const allowed = [...urls, ...others].join(',');
    return new FaultRun(await startComposedService(FOLDERS, { FHIR_SERVERS: allowed, ...settings }), servers);
  }

  get templates(): Record<string, string> {
    return this.#service.services.find(({ hook }) => hook === 'patient-view')?.prefetch ?? {};
  }

  /** All that the run has let out: answers and log lines. */
  get letOut(): string {
    return this.#answers + JSON.stringify(this.#service.logged());
  }

  /** A server that no other test has used. */
  server(): FaultServer {
    const server = this.#unused.shift();
    if (server === undefined) throw new Error('There are fewer fault servers than tests.');
    return server;
  }

  /** Opens the chart of p1; the row of the fault table is what came back. */
  async open(fault: string, server: FaultServer, asked: Asked = {}): Promise<Outcome> {
    const before = server.calls.length;
    const startedAt = performance.now();
    const response = await postJson(this.#service.url + SERVICE, bodyOf(server, asked));
    const text = await response.text();
    const ms = Math.round(performance.now() - startedAt);
    this.#answers += text;
    const outcome = { status: response.status, ...read(JSON.parse(text)), calls: server.calls.length - before };
    const said = [...outcome.findings.slice(0, 1), ...outcome.notices.map((line) => `"${line}"`)].join('; ');
    this.#rows.push([fault, `${String(response.status)} ${said}`, String(outcome.calls), String(ms)]);
    return outcome;
  }

  async close(): Promise<void> {
    this.#print();
    await Promise.all([this.#service.close(), ...this.#all.map((server) => server.close())]);
  }

  /** Opens the chart and hangs up when told. */
  async leave(server: FaultServer, told: Promise<void>): Promise<void> {
    const call = request(this.#service.url + SERVICE, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
    });
    const closed = new Promise((resolve) => call.on('error', resolve));
    call.end(bodyOf(server, {}));
    await told;
    call.destroy(new Error('hung up'));
    await closed;
  }

  #print(): void {
    const rows = [['fault', 'answer', 'calls', 'ms'], ['---', '---', '---', '---'], ...this.#rows];
    process.stdout.write(`${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
  }
}

function bodyOf(server: FaultServer, { prefetch, fhirServer = server.url }: Asked): string {
  const scope = 'patient/*.rs';
  return JSON.stringify({
    hook: 'patient-view',
    hookInstance: randomUUID(),
    fhirServer,
    fhirAuthorization: { access_token: TOKEN, token_type: 'Bearer', expires_in: 300, scope, subject: 'cds' },
    context: { userId: 'Practitioner/nephrologist', patientId: 'p1' },
    extension: { [EVALUATION_TIME_EXTENSION]: NOW.toISOString() },
    ...(prefetch === undefined ? {} : { prefetch }),
  });
}

function read({ cards = [], issue = [] }: { cards?: Card[]; issue?: { diagnostics?: string }[] }) {
  const details = cards.map(({ detail = '' }) => detail);
  const lines = details.flatMap((detail) => [...detail.matchAll(NOTICE)].map(([, line = '']) => line));
  return {
    findings: cards.flatMap((card) => findingsOf(card).map(({ id }) => id)),
    notices: [...new Set([...lines, ...issue.map(({ diagnostics = '' }) => diagnostics)])],
  };
}
