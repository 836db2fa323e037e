#!/usr/bin/env node
/**
 * Makes a CDS client to try the service with: `node tests/client/new-client.mjs FOLDER [ISSUER]` writes a private key, its
 * public key set and a file for CDS_CLIENTS into the folder. For trying out; a real client keeps its private key.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';

const [folder, issuer = 'https://ehr.example.org/fhir'] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: new-client.mjs FOLDER [ISSUER]');
  process.exit(2);
}

const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
const withId = async (key) => ({ ...(await exportJWK(key)), kid: 'try-1', alg: 'ES384' });
const write = (name, content) => writeFileSync(join(folder, name), JSON.stringify(content, null, 2), { mode: 0o600 });

mkdirSync(folder, { recursive: true });
write('private-key.json', { issuer, key: await withId(privateKey) });
write('keys.json', { keys: [await withId(publicKey)] });
write('clients.json', { [issuer]: { jwks: { file: 'keys.json' } } });
