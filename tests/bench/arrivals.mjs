/** Hooks that come when they come, whether or not the ones before are answered: how clinicians open charts. */
import { Agent, request } from 'undici';
import { CAUSE } from './service-child.mjs';
import { percentile } from './load.mjs';

const PACE_MS = 5;

/**
 * Sends hooks at a steady rate. Each is timed from the moment it was due, so that a service that falls behind, or a
 * generator that does, is seen in the figures.
 *
 */
export async function arrivals(service, { perSecond, seconds, resources, onAnswered = () => {} }) {
  const dispatcher = new Agent({ connections: 256, pipelining: 1 });
  const body = service.hook(resources);
  const [times, wrong, pending] = [[], [], new Set()];
  const call = async (dueAt) => {
    try {
      const answer = await request(`${service.origin}${service.path}`, {
        method: 'POST',
        headers: service.headersFor(service.path),
        body: body(),
        dispatcher,
      });
      const text = await answer.body.text();
      times.push(performance.now() - dueAt);
      if (answer.statusCode !== 200 || !text.includes(CAUSE)) wrong.push(String(answer.statusCode));
      onAnswered(times.length);
    } catch (error) {
      wrong.push(error.code ?? error.name);
    }
  };
  const begun = performance.now();
  const total = perSecond * seconds;
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * perSecond));
    for (; sent < due; sent += 1) {
      const calling = call(begun + (sent * 1000) / perSecond).finally(() => pending.delete(calling));
      pending.add(calling);
    }
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  }
  await Promise.all(pending);
  await dispatcher.destroy();
  times.sort((a, b) => a - b);
  return { sent: total, p50: percentile(times, 0.5), p99: percentile(times, 0.99), wrong };
}
