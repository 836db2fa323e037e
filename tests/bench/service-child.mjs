/** The service as a process of its own, as in production, on free loopback ports; and a client that signs for itself. */
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { hookRequest, syntheticRecord } from './synthetic-record.mjs';

const root = join(import.meta.dirname, '../..');
const BASE = 'https://cds.example.org';
const ISSUER = 'https://ehr.example.org/fhir';
/** What `npm start` gives to Node. */
export const NODE_FLAGS = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.start.match(/--\S+/g);
export const CAUSE = '"id":"low-calcium-phosphate-retention"';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = part({ alg: 'ES384', kid: 'load', typ: 'JWT' });

/** A token for one call of that path. */
function bearer(path) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: ISSUER, aud: `${BASE}${path}`, iat: now, exp: now + 300, jti: randomUUID() };
  const text = `${HEADER}.${part(claims)}`;
  const signature = sign('sha384', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `Bearer ${text}.${signature.toString('base64url')}`;
}

function settingsFor(isAuthRequired, scratch) {
  const clients = join(scratch, 'clients.json');
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'load', alg: 'ES384' };
  writeFileSync(join(scratch, 'keys.json'), JSON.stringify({ keys: [key] }));
  writeFileSync(clients, JSON.stringify({ [ISSUER]: { jwks: { file: 'keys.json' } } }));
  return {
    NODE_ENV: 'production',
    PORT: '0',
    METRICS_PORT: '0',
    RATE_LIMIT_PER_MINUTE: '1000000000',
    DATABASE_URL: `file:${join(scratch, 'feedback.db')}`,
    PUBLIC_BASE_URL: BASE,
    ...(isAuthRequired ? { CLIENT_AUTH: 'required', CDS_CLIENTS: clients } : { CLIENT_AUTH: 'off' }),
  };
}

/**
 * Starts the service and waits until it listens.
 *
 * @param options `auth`: clients must sign; `settings` beside the usual ones; `flags` of Node; `ipc`: a channel to what the flags load
 */
export async function startService({ auth = false, settings = {}, flags = [], ipc = false } = {}) {
  const scratch = mkdtempSync(join(tmpdir(), 'load-'));
  const env = { PATH: process.env.PATH, TZ: 'UTC', ...settingsFor(auth, scratch), ...settings };
  const stdio = ['ignore', 'pipe', 'inherit', ...(ipc ? ['ipc'] : [])];
  const begun = performance.now();
  const child = spawn(process.execPath, [...NODE_FLAGS, ...flags, 'dist/main.js'], { cwd: root, env, stdio });
  const started = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"msg":"started"')) resolve(JSON.parse(line));
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  });
  const readyMs = performance.now() - begun;
  const headersFor = (path) => ({
    'content-type': 'application/json',
    ...(auth ? { authorization: bearer(path) } : {}),
  });
  const discovery = await fetch(`${started.url}/cds-services`, { headers: headersFor('/cds-services') });
  const service = (await discovery.json()).services.find(({ hook }) => hook === 'patient-view');
  const stop = async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
    rmSync(scratch, { recursive: true, force: true });
  };
  return {
    child,
    pid: child.pid,
    origin: started.url,
    metrics: started.metrics,
    readyMs,
    path: `/cds-services/${service.id}`,
    headersFor,
    /** JSON of a hook about so many resources, new each time it is asked for. */
    hook: (size) => {
      const rest = JSON.stringify(hookRequest(service, syntheticRecord(size))).slice(1);
      return () => `{"hookInstance":"${randomUUID()}",${rest}`;
    },
    stop,
  };
}
