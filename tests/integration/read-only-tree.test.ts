import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandOf, copiedPaths, imageStage, wordsOf } from '../support/docker-file.js';
import { freePort } from '../support/free-port.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';

const ROOT = join(import.meta.dirname, '../..');
/** Who runs it when the tests run as root; anybody else has no rights over the tree either once they are taken away. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const describeWhenBuilt = IS_BUILT ? describe : describe.skip;

describeWhenBuilt('what the image holds, run without rights on a tree that is read-only but for data/', () => {
  const tree = mkdtempSync(join(tmpdir(), 'image-'));
  const files = () =>
    readdirSync(tree, { recursive: true, encoding: 'utf8' }).filter((path) => !path.startsWith('data'));
  let service: ServiceProcess | undefined;
  let port = 0;

  beforeAll(async () => {
    for (const path of [...copiedPaths(), 'package-lock.json'])
      cpSync(join(ROOT, path), join(tree, path), { recursive: true });
    const install = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    const installed = spawnSync('npm', install, { cwd: tree, encoding: 'utf8' });
    if (installed.status !== 0) throw new Error(`The install failed: ${installed.stderr}`);
    mkdirSync(join(tree, 'data'));
    spawnSync('chmod', ['-R', 'a-w,a+rX', tree]);
    chmodSync(join(tree, 'data'), 0o700);
    if (isRoot) chownSync(join(tree, 'data'), NOBODY, NOBODY);
    port = await freePort();
  }, 600_000);
  afterAll(async () => {
    await service?.stop('SIGKILL');
    spawnSync('chmod', ['-R', 'u+w', tree]);
    rmSync(tree, { recursive: true, force: true });
  });

  const asNobody = isRoot ? `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups ` : '';

  it('starts, answers a hook, keeps feedback in data/, says that it is ready, writes nowhere else and stops', async () => {
    const before = files();
    const environment = Object.fromEntries(
      wordsOf(imageStage(), 'ENV').flatMap((words) => words.split(' ').map((pair) => pair.split('='))),
    );
    expect(environment).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0' });
    const settings = { ...environment, HOST: '127.0.0.1', PORT: String(port), CLIENT_AUTH: 'off', TMPDIR: tree };
    const [node, ...script] = commandOf(wordsOf(imageStage(), 'CMD')[0]!);
    expect(node).toBe('node');
    service = await ServiceProcess.start(settings, `cd ${tree} && exec ${asNobody}"$1" ${script.join(' ')}`);

    const { status, cards } = await service.openChart();
    expect([status, cards[0]?.source.topic?.code]).toEqual([200, 'LowCalciumPhosphateRetention']);
    const feedback = { card: cards[0]!.uuid, outcome: 'accepted', outcomeTimestamp: '2026-05-17T12:00:00Z' };
    expect((await service.sendFeedback(feedback)).status).toBe(200);
    expect(existsSync(join(tree, 'data/feedback.db'))).toBe(true);

    const [, ...probe] = commandOf(wordsOf(imageStage(), 'HEALTHCHECK')[0]!);
    const isHealthy = () => spawnSync(process.execPath, probe, { env: { PORT: String(port) } }).status;
    expect(isHealthy()).toBe(0);
    expect(files()).toEqual(before);
    expect(await service.stop()).toBe(0);
    expect(isHealthy()).toBe(1);
  }, 300_000);

  it('cannot start where data/ cannot be written either, and says why', async () => {
    chmodSync(join(tree, 'data'), 0o500);
    if (isRoot) chownSync(join(tree, 'data'), 0, 0);
    const settings = { PORT: '0', CLIENT_AUTH: 'off' };
    const started = ServiceProcess.start(settings, `cd ${tree} && exec ${asNobody}"$1" dist/main.js`);
    await expect(started).rejects.toThrow(/DATABASE_URL: the file cannot be opened and written/);
  }, 300_000);
});
