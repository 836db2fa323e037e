import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const GENERATOR = join(ROOT, 'tests/panel/generate-panel.mjs');
export const PANEL_COMMAND = join(ROOT, 'dist/cli/renal-cramp-cds.js');
/** What the generated panels are seen from. */
export const PANEL_NOW = '2026-05-17T12:00:00Z';

/** The lines of a generated panel, one Bundle each; nothing when they go to files. */
export function generatedPanel(...args: string[]): string {
  return execFileSync(process.execPath, [GENERATOR, ...args], { encoding: 'utf8', maxBuffer: 2 ** 30 });
}

export interface PanelEnd {
  code: number | null;
  out: string;
  error: string;
}

export function startPanel(args: readonly string[], input?: string, env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [PANEL_COMMAND, 'panel', ...args], { env });
  child.stdin.on('error', () => undefined);
  if (input === undefined) child.stdin.end();
  else createReadStream(input).pipe(child.stdin);
  return child;
}

/** The command to its end. */
export async function panelEnd(
  args: readonly string[],
  { input, env }: { input?: string; env?: Record<string, string> } = {},
): Promise<PanelEnd> {
  const child = startPanel(args, input, env);
  const end: PanelEnd = { code: null, out: '', error: '' };
  child.stdout?.on('data', (data) => (end.out += String(data)));
  child.stderr?.on('data', (data) => (end.error += String(data)));
  await once(child, 'close');
  return { ...end, code: child.exitCode };
}

/** Lines of a file or a text, in an order that says nothing. */
export function sortedLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

export function linesOf<Line>(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
