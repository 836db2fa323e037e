/** Sends hooks over a few connections for a while and times each answer. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';

/** The value below which a share of the sorted numbers lies. */
export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Sends one hook after the other over each connection, until the time is over or so many are sent.
 *
 * @param target `{ origin, path, mustContain }`: an answer that is not 200 or lacks the text ends the benchmark
 * @param body the request as JSON text, without `hookInstance`
 * @param bounds `seconds`, and `most` requests where one takes long
 * @returns milliseconds at the 50th and 99th percentile, requests per second, and how many there were
 */
export async function load(target, body, { connections, seconds, most = Infinity }) {
  const pool = new Pool(target.origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  const rest = body.slice(1);
  const times = [];
  const begun = performance.now();
  const end = begun + seconds * 1000;
  let sending = 0;

  const client = async () => {
    while (performance.now() < end && sending < most) {
      sending += 1;
      const sent = performance.now();
      const answer = await pool.request({
        method: 'POST',
        path: target.path,
        headers: { 'content-type': 'application/json' },
        body: `{"hookInstance":"${randomUUID()}",${rest}`,
      });
      const text = await answer.body.text();
      times.push(performance.now() - sent);
      if (answer.statusCode !== 200 || !text.includes(target.mustContain)) {
        throw new Error(`wanted 200 with ${target.mustContain}, got ${answer.statusCode} ${text.slice(0, 300)}`);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, client));
  } finally {
    await pool.destroy();
  }

  const elapsed = (performance.now() - begun) / 1000;
  times.sort((a, b) => a - b);
  const count = times.length;
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), perSecond: count / elapsed, count };
}
