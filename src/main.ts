import { setTimeout as wait } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { checkConfig } from './check-config.js';
import { type Composed, composeService } from './compose.js';
import { type Config, readConfig } from './config.js';
import { ServiceError } from './errors.js';
import { openFeedbackStore } from './feedback/feedback-store.js';
import { createMetricsApp } from './http/metrics.js';
import { GRACE_MS, listen } from './http/server.js';
import { createLog, type Log } from './log.js';
import { readAuditKey } from './operations/audit-key.js';
import { openAuditLog } from './operations/audit-log.js';
import { lineWriter, linesTogether } from './operations/line-writer.js';
import { StoreMetrics } from './operations/store-metrics.js';
import { demoCall } from './web/demo-call.js';

/** EX_CONFIG of sysexits.h: a restart does not help. */
const EXIT_BAD_CONFIG = 78;
/** For what is left to close once the last call is answered. */
const CLOSE_WITHIN_MS = 2_000;
const STANDARD_OUTPUT = 1;

async function main(): Promise<void> {
  if (!process.argv.includes('--check-config')) return start(readConfig(process.env));
  for (const line of checkConfig(() => readConfig(process.env))) process.stdout.write(`ok: ${line}\n`);
}

async function start(config: Config): Promise<void> {
  const startedAt = performance.now();
  const { standardOutput, log, feedback, registry, audit, auditKey } = await openWriters(config);
  // Everything is loaded before anything listens.
  const state = { isReady: true };
  const isReady = () => state.isReady;
  const composed = composeService(config, log, feedback, undefined, { registry, isReady, audit, auditKey });
  const metricsServer = await listenForMetrics(config, registry, log);
  const server = await listen(composed.app, config);
  log.started({
    url: server.url,
    ...(metricsServer === undefined ? {} : { metrics: metricsServer.url }),
    services: composed.services.length,
    ms: Math.round(performance.now() - startedAt),
  });
  // Whoever waits to hear of it need not wait for the next lines.
  standardOutput.flush();
  sayWhatToTry(config, composed);
  closeOnSignal(config, log, async (reason) => {
    log.stopping({ reason });
    state.isReady = false;
    if (config.stopDelayMs > 0) await wait(config.stopDelayMs);
    await server.close();
    await Promise.all([composed.close(), feedback.close(), metricsServer?.close()]);
    log.stopped({ reason });
    audit.close();
  });
}

/** Everything that is written to while the service runs. */
async function openWriters(config: Config) {
  const registry = new Registry();
  const metrics = new StoreMetrics(registry);
  const onLost = (stream: 'log' | 'audit') => (lines: number) => {
    metrics.linesLost(stream, lines);
  };
  const standardOutput = linesTogether(lineWriter(STANDARD_OUTPUT, onLost('log')));
  process.once('exit', () => {
    standardOutput.flush();
  });
  const log = createLog(config.logLevel, standardOutput);
  const auditKey = readAuditKey(config.auditKeyFile);
  const audit = openAuditLog(config.auditLog, { standardOutput, onLost: onLost('audit') });
  const feedback = await openFeedbackStore(config.databaseUrl, {
    retentionDays: config.feedbackRetentionDays,
    clock: () => new Date(),
    onFailure: (failure) => {
      log.storeFailed(failure);
      metrics.storeFailed(failure);
    },
  });
  return { standardOutput, registry, log, auditKey, audit, feedback };
}

async function listenForMetrics({ metrics }: Config, registry: Registry, log: Log) {
  if (metrics === undefined) return undefined;
  collectDefaultMetrics({ register: registry });
  try {
    return await listen(createMetricsApp(registry, log), metrics, 'METRICS_HOST, METRICS_PORT');
  } catch (error) {
    // A second instance on one machine must not fail for a port that nobody chose.
    if (metrics.isNamed) throw error;
    log.metricsNotServed({ port: metrics.port });
    return undefined;
  }
}

function sayWhatToTry(config: Config, { services, samplePatientIds }: Composed): void {
  const [service] = services;
  const [patientId] = samplePatientIds;
  const isOpen = config.clientAuth === 'off';
  const call = isOpen && service && patientId && demoCall(config, service.id, patientId);
  if (call) process.stdout.write(`Try it:\n${call}\n`);
}

/** A second signal, or an end that takes too long, ends the process at once. */
function closeOnSignal({ stopDelayMs }: Config, log: Log, close: (reason: string) => Promise<void>): void {
  const giveUp = (reason: string) => () => {
    log.stopped({ reason });
  };
  const options = {
    delay: stopDelayMs + GRACE_MS + CLOSE_WITHIN_MS,
    logger: false as const,
    onSecondSignal: giveUp('second signal'),
    onSecondError: giveUp('second error'),
    onTimeout: giveUp('time-out'),
  };
  closeWithGrace(options, ({ signal, err }) => close(signal ?? err?.name ?? 'closed'));
}

main().catch((error: unknown) => {
  const isOurs = error instanceof ServiceError;
  // Nothing of any patient is known yet, so an unforeseen error may be shown whole.
  const lines = isOurs ? error.problems : [String(error instanceof Error ? error.stack : error)];
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  // Something may be listening already.
  process.exit(isOurs ? EXIT_BAD_CONFIG : 1);
});
