#!/usr/bin/env node
/**
 * Signs a token as the client of new-client.mjs: `node tests/client/token.mjs FOLDER URL` prints the value of the
 * Authorization header for one call of that URL. BASE in front of the URL names what the service calls itself, where
 * that differs from where it is called: `node tests/client/token.mjs FOLDER BASE URL`.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importJWK, SignJWT } from 'jose';

const [folder, ...urls] = process.argv.slice(2);
const url = urls.pop();
if (folder === undefined || url === undefined) {
  console.error('usage: token.mjs FOLDER [BASE] URL');
  process.exit(2);
}

const [base] = urls;
const audience = base === undefined ? url : base + url.slice(new URL(url).origin.length);
const { issuer, key } = JSON.parse(readFileSync(join(folder, 'private-key.json'), 'utf8'));
const token = await new SignJWT({})
  .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
  .setIssuer(issuer)
  .setAudience(audience)
  .setJti(randomUUID())
  .setIssuedAt()
  .setExpirationTime('5m')
  .sign(await importJWK(key, key.alg));
console.log(`Bearer ${token}`);
