import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedPanel, PANEL_COMMAND, PANEL_NOW, panelEnd, sortedLines } from '../support/panel-command.js';

/** A Python that has pyspark, with a JDK beside it. */
const PYTHON = process.env['PANEL_PYTHON'] ?? 'python3';
const JOB = join(import.meta.dirname, '../../src/panel/spark/panel_job.py');
const LONG = 600_000;
const isThere = spawnSync(PYTHON, ['-c', 'import pyspark'], { stdio: 'ignore' }).status === 0;
if (!isThere)
  process.stderr.write('\n*** LEFT OUT: the panel on Apache Spark. PANEL_PYTHON names no Python with pyspark.\n\n');

const folder = mkdtempSync(join(tmpdir(), 'panel-spark-'));
const at = (name: string) => join(folder, name);
const FEW = ['--patients', '40', '--seed', '4', '--resources', '40'];

/** The rows of the job, in an order that says nothing. */
function onSpark(master: string, name: string, input: string, ...more: string[]): string[] {
  const command = `${process.execPath} ${PANEL_COMMAND}`;
  const args = [JOB, at(input), at(name), '--now', PANEL_NOW, '--command', command, '--partitions', '3', ...more];
  const submit = `--master ${master} --conf spark.ui.enabled=false pyspark-shell`;
  const env = { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', PYSPARK_SUBMIT_ARGS: submit, PYSPARK_PYTHON: PYTHON };
  execFileSync(PYTHON, args, { env, stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 2 ** 26 });
  const parts = readdirSync(at(name)).filter((part) => part.startsWith('part-'));
  return sortedLines(parts.map((part) => readFileSync(join(at(name), part), 'utf8')).join(''));
}

(isThere ? describe : describe.skip)('the panel on Apache Spark', () => {
  let alone: string[];
  beforeAll(async () => {
    writeFileSync(at('panel.ndjson'), generatedPanel(...FEW));
    generatedPanel(...FEW, '--bulk', at('bulk'));
    alone = sortedLines((await panelEnd(['-', '--now', PANEL_NOW], { input: at('panel.ndjson') })).out);
  }, LONG);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['local[1]', 'local[2]'])(
    'says on %s what one process says',
    (master) => {
      expect(alone).toHaveLength(40);
      expect(onSpark(master, `out-${master}`, 'panel.ndjson')).toEqual(alone);
    },
    LONG,
  );

  it(
    'brings the files of an export together by patient',
    () => {
      expect(onSpark('local[2]', 'out-bulk', 'bulk', '--bulk')).toEqual(alone);
    },
    LONG,
  );
});
