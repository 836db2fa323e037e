import closeWithGrace from 'close-with-grace';
import { composeService } from './compose.js';
import { readConfig } from './config.js';
import { ServiceError } from './errors.js';
import { openFeedbackStore } from './feedback/feedback-store.js';
import { listen } from './http/server.js';
import { createLog } from './log.js';
import { demoCall } from './web/demo-call.js';

/** EX_CONFIG of sysexits.h: a restart does not help. */
const EXIT_BAD_CONFIG = 78;
/** Longer than calls in flight may take: else the last of them would be cut together with the store. */
const STOPPED_WITHIN_MS = 11_500;

async function main(): Promise<void> {
  const startedAt = performance.now();
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  const feedback = await openFeedbackStore(config.databaseUrl, {
    retentionDays: config.feedbackRetentionDays,
    clock: () => new Date(),
    onFailure: (failure) => {
      log.storeFailed(failure);
    },
  });
  const { app, services, samplePatientIds, close } = composeService(config, log, feedback);
  const server = await listen(app, config);
  log.started({ url: server.url, services: services.length, ms: Math.round(performance.now() - startedAt) });
  const [service] = services;
  const [patientId] = samplePatientIds;
  const isOpen = config.clientAuth === 'off';
  const call = isOpen && service && patientId && demoCall(config, service.id, patientId);
  if (call) process.stdout.write(`Try it:\n${call}\n`);
  closeWithGrace({ delay: STOPPED_WITHIN_MS }, async ({ signal, err }) => {
    log.stopped({ reason: signal ?? err?.name ?? 'closed' });
    await server.close();
    await close();
    await feedback.close();
  });
}

main().catch((error: unknown) => {
  // Nothing of any patient is known yet, so an unforeseen error may be shown whole.
  const message = error instanceof Error && !(error instanceof ServiceError) ? error.stack : String(error);
  process.stderr.write(`${message ?? ''}\n`);
  process.exitCode = error instanceof ServiceError ? EXIT_BAD_CONFIG : 1;
});
