import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** No test hangs for ever; nothing here is a matter of seconds. */
const AT_MOST_MS = 170_000;

/** A command of this project as a process of its own, with what it has said so far. */
export interface Command {
  child: ChildProcess;
  output: () => string;
  /** Waits for words on either stream and answers what the expression found. */
  says: (words: RegExp) => Promise<RegExpExecArray>;
  ends: () => Promise<number | null>;
}

export function run(command: string, args: readonly string[], settings: Record<string, string> = {}): Command {
  const { CI: _ci, HAPI_URL: _url, ...env } = process.env;
  const child = spawn(command, args, { cwd: ROOT, env: { ...env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const says = async (words: RegExp) => {
    const begun = performance.now();
    for (;;) {
      const found = words.exec(output);
      if (found !== null) return found;
      if (child.exitCode !== null || performance.now() - begun > AT_MOST_MS)
        throw new Error(`It said only:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const ends = async () => {
    if (child.exitCode === null && child.signalCode === null)
      await once(child, 'close', { signal: AbortSignal.timeout(AT_MOST_MS) });
    return child.exitCode;
  };
  return { child, output: () => output, says, ends };
}
