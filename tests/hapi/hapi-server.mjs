/** A real HAPI FHIR R4 server on loopback, in memory, as a child of this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { builtClassPath, OUTPUT } from './build.mjs';
import { javaCommand } from './java-and-maven.mjs';

const JAVA_OPTIONS = ['-Xmx1g', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const READY_WITHIN_MS = 180_000;
const STOPPED_WITHIN_MS = 15_000;

/**
 * Builds the server if need be and starts it; it is not ready yet.
 *
 * `ready()` waits until it answers and throws what it said when it does not come up; `stop()` waits until it has ended.
 * When this process dies without a word, the server notices that its standard input is closed and ends by itself.
 * @param port 0 takes a free one
 * @param say told what takes long
 * @param signal breaks the build off
 */
export async function startHapi({ port = 0, say = console.error, signal } = {}) {
  const chosen = await listeningPort(port);
  const classPath = await builtClassPath(say, signal);
  mkdirSync(OUTPUT, { recursive: true });
  const logFile = join(OUTPUT, `hapi-${port}.log`);
  const log = openSync(logFile, 'w');
  const child = spawn(javaCommand(), [...JAVA_OPTIONS, '-cp', classPath, 'testhapi.Main'], {
    env: { ...process.env, HAPI_PORT: String(chosen) },
    stdio: ['pipe', log, log],
  });
  const url = `http://127.0.0.1:${chosen}/fhir`;
  const ready = () => readiness(url, child, logFile);
  return { name: 'HAPI FHIR', url, logFile, child, ready, stop: () => ended(child) };
}

/** Whether the server at this base URL answers; metadata is asked for in part, the whole has 1.5 MB. */
export async function isReady(url) {
  try {
    const response = await fetch(`${url}/metadata?_elements=fhirVersion,software`, {
      signal: AbortSignal.timeout(20_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function readiness(url, child, logFile) {
  const begun = performance.now();
  while (!(await isReady(url))) {
    const late = performance.now() - begun > READY_WITHIN_MS;
    if (late || hasEnded(child)) throw new Error(`HAPI FHIR did not come up:\n${lastLines(logFile)}`);
    await wait(250);
  }
}

/** Told to end, and made to when it does not. */
export async function ended(child) {
  if (hasEnded(child)) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
  await exit;
  clearTimeout(timer);
}

function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

function lastLines(file) {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}

/** Asked beforehand: the server itself would notice only after 15 seconds that its port is taken. */
async function listeningPort(port) {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`HAPI_PORT: ${port} cannot be listened on; name another one, or 0 for a free one.`, { cause });
  }
  const chosen = server.address().port;
  server.close();
  await once(server, 'close');
  return chosen;
}
