/** Keeps servers running as children of this process, and leaves none behind. */
import './stop-with-parent.mjs';

/**
 * Runs `begin` and waits for SIGINT or SIGTERM; then stops what `begin` has handed to `keep`, the last first. A kept part
 * that ends by itself, or a `begin` that fails, stops the others as well and is told as a failure.
 * @param begin called with `keep({ name, child, stop })` and a signal that aborts when it is time to stop
 */
export async function untilStopped(begin) {
  const stopping = new AbortController();
  const parts = [];
  const stop = () => stopping.abort();
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, stop);
  const stopped = new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
  const keep = (part) => {
    parts.unshift(part);
    part.child.once('exit', () => endedByItself(part.name, stopping));
    return part;
  };
  const begun = begin(keep, stopping.signal).catch((error) => fail(error.message, stopping));
  await Promise.race([begun.then(() => stopped), stopped]);
  for (const part of parts) await part.stop();
}

function endedByItself(name, stopping) {
  if (!stopping.signal.aborted) fail(`${name} has ended by itself.`, stopping);
}

function fail(message, stopping) {
  if (stopping.signal.aborted) return;
  console.error(message);
  process.exitCode = 1;
  stopping.abort();
}
