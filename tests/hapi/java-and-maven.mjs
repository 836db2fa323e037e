/** Finds what the FHIR server needs beside Node. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const LEAST_JAVA = 17;

/** The command that runs Java: that of JAVA_HOME, as Maven takes it, or the one on the path. */
export function javaCommand() {
  const { JAVA_HOME } = process.env;
  return JAVA_HOME ? join(JAVA_HOME, 'bin/java') : 'java';
}

/** What is missing, in words; undefined when the server can be built and run. */
export function whatIsMissing() {
  const missing = [
    ...(javaVersion() >= LEAST_JAVA && isThere('javac')
      ? []
      : [`a Java development kit, version ${LEAST_JAVA} or newer`]),
    ...(isThere('mvn') ? [] : ['Maven (mvn)']),
  ];
  return missing.length === 0 ? undefined : `HAPI FHIR needs ${missing.join(', and ')}, on the path or in JAVA_HOME.`;
}

/** The major version; 0 without Java. */
function javaVersion() {
  const { stderr } = spawnSync(javaCommand(), ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

function isThere(command) {
  const { JAVA_HOME = '', PATH = '' } = process.env;
  const folders = [...(JAVA_HOME ? [join(JAVA_HOME, 'bin')] : []), ...PATH.split(delimiter)];
  return folders.some((folder) => isExecutable(join(folder, command)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
