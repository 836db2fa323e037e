/**
 * Starts the server for the tests, which wait for it themselves: meanwhile the others run. They find it in HAPI_URL, its
 * process in HAPI_PROCESS, and what went wrong in HAPI_FAILURE. With HAPI_URL set a running server is used.
 */
import { startHapi } from './hapi-server.mjs';

/** Jest wants a default export; what it starts can be handed to the tear-down by a global alone. */
export default async function setUp() {
  if (process.env.HAPI_URL !== undefined) return;
  try {
    globalThis.hapi = await startHapi();
    process.env.HAPI_URL = globalThis.hapi.url;
    process.env.HAPI_PROCESS = String(globalThis.hapi.child.pid);
  } catch (error) {
    process.env.HAPI_FAILURE = error.message;
  }
}
