import { Agent, request } from 'node:http';

export interface KeptAnswer {
  status: number;
  type: string;
  retryAfter: string | undefined;
  body: string;
}

const MOST_MS = 60_000;
/** Where a whole net is loopback: limits that are each caller's own are then those of many. */
const CALLERS = process.platform === 'linux' ? 32 : 1;

/** Posts bytes as they are over connections that stay open, in turn as several callers. */
export class KeepAliveClient {
  readonly #agents = Array.from({ length: CALLERS }, (_, index) => ({
    agent: new Agent({ keepAlive: true }),
    localAddress: `127.0.0.${String(index + 1)}`,
  }));
  #calls = 0;
  readonly #base: URL;

  constructor(base: string) {
    this.#base = new URL(base);
  }

  post(path: string, body: Buffer, headers: Record<string, string> = {}): Promise<KeptAnswer> {
    const caller = this.#agents[(this.#calls += 1) % CALLERS];
    const { hostname, port, origin } = this.#base;
    const own = { 'Content-Type': 'application/json', 'Content-Length': String(body.length), Origin: origin };
    return new Promise((resolve, reject) => {
      const options = { hostname, port, path, method: 'POST', headers: { ...own, ...headers }, ...caller };
      const outgoing = request(options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const { 'content-type': type = '', 'retry-after': retryAfter } = incoming.headers;
          resolve({ status: incoming.statusCode ?? 0, type, retryAfter, body: Buffer.concat(chunks).toString() });
        });
      });
      outgoing.setTimeout(MOST_MS, () => outgoing.destroy(new Error(`No answer within ${String(MOST_MS)} ms.`)));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agents.forEach(({ agent }) => {
      agent.destroy();
    });
  }
}
