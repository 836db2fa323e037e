import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

const EXAMPLE = join(import.meta.dirname, '../../.deploy/nginx.conf');
const READY_WITHIN_MS = 30_000;
/** Who runs it when the tests run as root. */
const NOBODY = 65_534;

/** The program; undefined where it is not installed, which only a machine that is not CI may be. */
export function nginxProgram(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'];
  const found = folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (process.env['CI'] === 'true') throw new Error('nginx is not installed, and CI must run its tests.');
  process.stderr.write('nginx is not installed: THE TESTS OF SEVERAL INSTANCES ARE LEFT OUT.\n');
  return undefined;
}

/** Each text is replaced where it stands; one that stands nowhere is a mistake. */
export type Replacements = readonly (readonly [string, string])[];

/** nginx with the configuration of the example, in front of two instances, without rights. */
export class Nginx {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(program: string, ports: readonly [number, number], changes: Replacements = []): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
    const port = await freePort();
    const addresses: Replacements = [
      ['listen 127.0.0.1:8080;', `listen 127.0.0.1:${port};`],
      ['server cds-1.internal:3000', `server 127.0.0.1:${ports[0]}`],
      ['server cds-2.internal:3000', `server 127.0.0.1:${ports[1]}`],
    ];
    writeFileSync(join(folder, 'nginx.conf'), configuration([...addresses, ...changes]));
    const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (identity.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
    const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'];
    const child = spawn(program, args, { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data) => (said += String(data)));
    const url = `http://127.0.0.1:${port}`;
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await isAnswering(url))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error(`nginx did not start: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return new Nginx(url, child, folder);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    if (this.#child.exitCode === null && this.#child.kill('SIGTERM')) await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function configuration(changes: Replacements): string {
  return changes.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`The example of nginx no longer says '${from}'.`);
      return text.replace(from, to);
    },
    readFileSync(EXAMPLE, 'utf8'),
  );
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/live`)).ok;
  } catch {
    return false;
  }
}
