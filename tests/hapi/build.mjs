/** Builds the server with Maven, once for each state of its sources. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { whatIsMissing } from './java-and-maven.mjs';

const HERE = import.meta.dirname;

/** Where builds and logs go; git ignores it. */
export const OUTPUT = join(HERE, '../../data/hapi');

/**
 * The class path of the server, built if need be: the first time Maven downloads some 350 MB.
 * Throws what is missing, or that Maven failed.
 * @param say told what takes long
 * @param signal ends Maven
 */
export async function builtClassPath(say, signal) {
  const missing = whatIsMissing();
  if (missing !== undefined) throw new Error(missing);
  const folder = join(OUTPUT, digestOfSources());
  const known = classPathOf(folder);
  if (known !== undefined) return known;
  say('Building HAPI FHIR with Maven; the first time it downloads some 350 MB ...');
  // Apart, so that a build that is broken off or runs twice spoils nothing.
  const scratch = `${folder}.${process.pid}`;
  await runMaven(scratch, signal);
  rmSync(folder, { recursive: true, force: true });
  renameSync(scratch, folder);
  return classPathOf(folder);
}

async function runMaven(output, signal) {
  mkdirSync(output, { recursive: true });
  const arguments_ = ['-B', '-ntp', '-q', '-f', join(HERE, 'pom.xml'), `-Doutput=${output}`, 'package'];
  const maven = spawn('mvn', arguments_, { stdio: ['ignore', 2, 2], signal, killSignal: 'SIGTERM' });
  const [code] = await once(maven, 'exit');
  if (code !== 0) throw new Error(`Maven ended with ${code}: the reason stands above.`);
}

/** Undefined when the build is not there, or Maven's repository no longer holds what it needs. */
function classPathOf(folder) {
  const list = join(folder, 'classpath.txt');
  const jar = join(folder, 'testhapi.jar');
  if (!existsSync(list) || !existsSync(jar)) return undefined;
  const jars = readFileSync(list, 'utf8').trim().split(delimiter);
  return jars.every((path) => existsSync(path)) ? [jar, ...jars].join(delimiter) : undefined;
}

function digestOfSources() {
  const hash = createHash('sha256');
  const entries = readdirSync(join(HERE, 'src'), { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of [join(HERE, 'pom.xml'), ...sources.sort()]) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}
