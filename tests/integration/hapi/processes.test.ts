import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Command, run } from '../../support/command.js';
import { freePort } from '../../support/free-port.js';
import { hapiUrl, isAlive } from '../../support/hapi.js';

const START = ['tests/hapi/start.mjs', '--empty'];
/** A process needs a moment to end; one that stays would stay for hours. */
const GONE_WITHIN_MS = 60_000;

let started: Command[] = [];
beforeAll(async () => {
  // One server comes up at a time.
  await hapiUrl();
}, 300_000);
afterEach(() => {
  for (const { child } of started) child.kill('SIGKILL');
  started = [];
});

function start(command: string, args: readonly string[], settings: Record<string, string> = {}): Command {
  const begun = run(command, args, { HAPI_PORT: '0', ...settings });
  started.push(begun);
  return begun;
}

async function processOf(command: Command, part: string): Promise<number> {
  return Number((await command.says(new RegExp(`${part} starts as process (\\d+)`)))[1]);
}

async function hasGone(processId: number): Promise<boolean> {
  const begun = performance.now();
  while (isAlive(processId) && performance.now() - begun < GONE_WITHIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return !isAlive(processId);
}

describe('the FHIR server', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends with the command that runs it: %s', async (signal) => {
    const command = start(process.execPath, START);
    const server = await processOf(command, 'HAPI FHIR');
    command.child.kill(signal);
    expect(await command.ends()).toBe(0);
    expect(isAlive(server)).toBe(false);
  });

  it('does not outlive the command when that is killed', async () => {
    const command = start(process.execPath, START);
    const server = await processOf(command, 'HAPI FHIR');
    command.child.kill('SIGKILL');
    expect(await hasGone(server)).toBe(true);
  });

  it('does not outlive a shell that is told to end and passes nothing on', async () => {
    const shell = start('sh', ['-c', `"${process.execPath}" ${START.join(' ')}; true`]);
    const server = await processOf(shell, 'HAPI FHIR');
    shell.child.kill('SIGTERM');
    expect(await hasGone(server)).toBe(true);
  });

  it('is not started where its port is taken', async () => {
    const taken = new URL(await hapiUrl()).port;
    const command = start(process.execPath, START, { HAPI_PORT: taken });
    expect(await command.ends()).toBe(1);
    expect(command.output()).toBe(
      `HAPI_PORT: ${taken} cannot be listened on; name another one, or 0 for a free one.\n`,
    );
  });

  it('is not started without Java and Maven, and it is said what is missing', async () => {
    const command = start(process.execPath, START, { PATH: '', JAVA_HOME: '' });
    expect(await command.ends()).toBe(1);
    expect(command.output()).toBe(
      'HAPI FHIR needs a Java development kit, version 17 or newer, and Maven (mvn), on the path or in JAVA_HOME.\n',
    );
  });

  it('ends the command when it ends by itself', async () => {
    const command = start(process.execPath, START);
    process.kill(await processOf(command, 'HAPI FHIR'), 'SIGKILL');
    expect(await command.ends()).toBe(1);
    expect(command.output()).toMatch(/HAPI FHIR has ended by itself\./);
  });
});

describe('the sandbox', () => {
  it('says what to try, which works, and stops whole', async () => {
    const sandbox = start(process.execPath, ['tests/hapi/sandbox.mjs'], { PORT: String(await freePort()) });
    const [server, service] = [await processOf(sandbox, 'HAPI FHIR'), await processOf(sandbox, 'The service')];
    const [, url, body] = await sandbox.says(/curl -s (\S+) -H 'Content-Type: application\/json' -d '(.*)'/);
    await sandbox.says(/Ctrl-C stops both/);
    const response = await fetch(url!, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: body!,
    });
    expect(await response.json()).toMatchObject({
      cards: [{ summary: 'Cramp: likely low calcium 7.8 mg/dL with high phosphate 6.2 mg/dL (CKD G4)' }],
    });
    sandbox.child.kill('SIGTERM');
    expect(await sandbox.ends()).toBe(0);
    expect([isAlive(server), isAlive(service)]).toEqual([false, false]);
  });
});
