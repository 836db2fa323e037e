import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { generatedPanel, linesOf, PANEL_NOW, panelEnd, startPanel, type ToldRow } from '../support/panel-command.js';
import { Seeded } from '../support/seeded.js';

const folder = mkdtempSync(join(tmpdir(), 'panel-large-'));
const at = (name: string) => join(folder, name);
const AS_OF = ['--now', PANEL_NOW];
const LONG = 900_000;
const KILLS = 10;
/** Of the whole process: a panel that was held in memory would take several times that. */
const MOST_MEGABYTES = 1_200;

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Most memory a process held, from /proc; undefined once it is gone. */
function peakMegabytes({ pid }: ChildProcess): number | undefined {
  const path = `/proc/${pid}/status`;
  const kilobytes = existsSync(path) ? /VmHWM:\s+(\d+)/.exec(readFileSync(path, 'utf8'))?.[1] : undefined;
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

describe('a large panel', () => {
  it(
    'names every planted cause among the first three, in little memory',
    async () => {
      const args = ['--patients', '2000', '--seed', '5', '--resources', '120', '--truth', at('truth.ndjson')];
      writeFileSync(at('panel.ndjson'), generatedPanel(...args));
      let most = 0;
      const child = startPanel(['-', ...AS_OF, '--out', at('out')], at('panel.ndjson'));
      const look = setInterval(() => (most = Math.max(most, peakMegabytes(child) ?? 0)), 100);
      await once(child, 'close');
      clearInterval(look);

      const rows = linesOf<ToldRow>(at('out/results.ndjson'));
      const shown = new Map(rows.map(({ patient, findings }) => [patient, findings.slice(0, 3).map(({ id }) => id)]));
      const truth = linesOf<{ patient: string; meets: string[] }>(at('truth.ndjson'));
      const missed = truth.flatMap(({ patient, meets }) => meets.filter((id) => !shown.get(patient)?.includes(id)));
      expect(child.exitCode).toBe(0);
      expect(rows).toHaveLength(2000);
      expect(missed).toEqual([]);
      expect(new Set(truth.flatMap(({ meets }) => meets)).size).toBe(27);
      expect(most).toBeLessThan(MOST_MEGABYTES);
    },
    LONG,
  );

  it(
    'writes the same after it was killed ten times as when it was left alone',
    async () => {
      const seed = Number(process.env['PANEL_KILL_SEED'] ?? Date.now() % 1_000_000);
      console.log(`PANEL_KILL_SEED=${seed}`);
      const chance = new Seeded(seed);
      execFileSync('mkdir', [at('bundles')]);
      const lines = generatedPanel('--patients', '320', '--seed', '6', '--resources', '30').trimEnd().split('\n');
      for (const line of lines) writeFileSync(join(at('bundles'), `${JSON.parse(line).id}.json`), line);
      const args = (out: string) => [at('bundles'), ...AS_OF, '--report', '--out', at(out)];
      await panelEnd(args('left-alone'));

      let killed = 0;
      for (let start = 0; killed < KILLS; start += 1) {
        const child = startPanel(args('killed'));
        const closed = once(child, 'close');
        // Half of them while rows are being written, the others whenever.
        if (start % 2 === 0)
          await written(at('killed/journal.ndjson'), chance.whole(2 + killed, 4 + 2 * killed), closed);
        await new Promise((resolve) => setTimeout(resolve, chance.whole(0, start % 2 === 0 ? 50 : 3000)));
        child.kill('SIGKILL');
        await closed;
        if (child.signalCode === 'SIGKILL') killed += 1;
        else {
          // It was done before: what it wrote counts, and another begins.
          expectTheSame();
          rmSync(at('killed'), { recursive: true });
        }
      }
      expect((await panelEnd(args('killed'))).code).toBe(0);
      expectTheSame();
    },
    LONG,
  );
});

function expectTheSame(): void {
  for (const name of ['results.ndjson', 'worklist.csv', 'worklist.html', 'summary.json', 'report.txt', 'report.json']) {
    const [killed, alone] = ['killed', 'left-alone'].map((out) => readFileSync(join(at(out), name), 'utf8'));
    expect([name, killed]).toEqual([name, alone]);
  }
}

/** Until the journal has so many lines, or the command has ended. */
async function written(path: string, lines: number, closed: Promise<unknown>): Promise<void> {
  const isEnough = () => existsSync(path) && readFileSync(path, 'utf8').split('\n').length > lines;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 10, 'pause'));
  const ended = closed.then(() => 'ended');
  while (!isEnough() && (await Promise.race([ended, pause()])) !== 'ended');
}
