import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirResource } from 'fhir/r4.js';
import type { Card, CdsResponse, CdsService } from '../../src/cds-hooks.js';
import { patientView } from './composed-service.js';
import { postJson } from './http-service.js';
import { kidneyPatient, NOW } from './kidney-patient.js';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const READY_WITHIN_MS = 120_000;

/** Whether the build has made the service. */
export const IS_BUILT = existsSync(MAIN);

/** The service as a process of its own, as it runs in production. */
export class ServiceProcess {
  readonly url: string;
  /** Of the metrics; absent where they are off. */
  readonly metricsUrl: string | undefined;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #output: string[];

  private constructor(url: string, child: ChildProcess, output: string[]) {
    this.url = url;
    this.metricsUrl = /"metrics":"([^"]+)"/.exec(output.join(''))?.[1];
    this.#child = child;
    this.#ended = once(child, 'exit');
    this.#output = output;
  }

  /** Starts it on a free loopback port; `through` is a shell command that ends in running its arguments. */
  static async start(settings: Record<string, string>, through = 'exec "$@"'): Promise<ServiceProcess> {
    const env = {
      PATH: process.env['PATH'],
      PORT: '0',
      HOST: '127.0.0.1',
      DEMO: 'off',
      ALLOW_EVALUATION_TIME: 'on',
      RATE_LIMIT_PER_MINUTE: '1000000',
      ...settings,
    };
    const child = spawn('sh', ['-c', through, 'sh', process.execPath, MAIN], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    child.stderr.on('data', (data) => output.push(String(data)));
    child.stdout.on('data', (data) => output.push(String(data)));
    const deadline = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const url = /"url":"([^"]+)"/.exec(output.join(''))?.[1];
      if (url !== undefined) return new ServiceProcess(url, child, output);
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`The service did not start: ${output.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Everything it has written to either stream. */
  written(): string {
    return this.#output.join('');
  }

  logged(): Record<string, unknown>[] {
    return this.#output
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it and answers its exit code (null after a signal that ended it). */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<unknown> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    await this.#ended;
    return this.#child.exitCode;
  }

  /** Opens the chart of a patient about whom there is something to say. */
  async openChart(resources: readonly FhirResource[] = kidneyPatient('p', { calcium: 7.4, phosphate: 6.2 })) {
    // What discovery answers is checked elsewhere.
    const { services } = (await (await fetch(`${this.url}/cds-services`)).json()) as { services: CdsService[] };
    const service = services.find(({ hook }) => hook === 'patient-view');
    if (service === undefined) throw new Error('There is no service for patient-view.');
    const body = JSON.stringify(patientView(service, resources, NOW));
    const response = await postJson(`${this.url}/cds-services/${service.id}`, body);
    const { cards }: Partial<CdsResponse> = JSON.parse(await response.text());
    return { status: response.status, cards: cards ?? ([] as Card[]) };
  }

  sendFeedback(...feedback: unknown[]): Promise<Response> {
    return postJson(`${this.url}/cds-services/renal-cramps-patient-view/feedback`, JSON.stringify({ feedback }));
  }
}
