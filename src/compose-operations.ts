import type { Registry } from 'prom-client';
import type { AdviseParts } from './advise.js';
import type { CdsService } from './cds-hooks.js';
import type { AdviceWorkersOptions } from './compose-workers.js';
import { REFUSAL_REASONS, SERVICE_ERROR_CODES } from './errors.js';
import type { AppParts } from './http/app.js';
import { ANSWERED_STATUSES } from './http/error-response.js';
import type { Log } from './log.js';
import { auditCalls } from './operations/audit.js';
import type { AuditLog } from './operations/audit-log.js';
import { CallMetrics } from './operations/call-metrics.js';
import { FhirMetrics } from './operations/fhir-metrics.js';
import { RecordMetrics } from './operations/record-metrics.js';
import { serviceInfo } from './operations/service-info.js';
import { originsOf, type CallWatch } from './patient-data/call-watch.js';
import type { PrefetchQuery } from './patient-data/prefetch-templates.js';
import type { Policy } from './policy.js';
import type { Knowledge } from './reasoning/knowledge.js';
import { kebabCase } from './reasoning/read-finding.js';

/** What whoever runs the service is told of it. */
export interface Operations {
  registry: Registry;
  isReady: () => boolean;
  audit: AuditLog;
  auditKey: Buffer;
}

/** Everything there is to tell apart: what is not among it is `other`. */
export interface Told {
  services: readonly CdsService[];
  version: string;
  policy: Policy;
  knowledge: Knowledge;
  queries: readonly PrefetchQuery[];
  /** The FHIR servers that may be called, by client. */
  allowed: Parameters<typeof originsOf>[0];
}

type Reports = Required<Pick<AdviseParts, 'onGathered' | 'onInterpreted' | 'onLibraryFailed'>>;

type ThreadReports = Pick<AdviceWorkersOptions, 'onGathered' | 'onInterpreted' | 'onLibraryFailed' | 'onThreadEnded'>;

export interface Watches {
  calls: Required<Pick<AppParts, 'onCallEnded' | 'onStage'>>;
  reports: Reports;
  /** The same of the threads, whose errors come as names. */
  threads: ThreadReports;
  fhir: CallWatch;
}

/** Metrics, audit records and log lines of what happens in the service. */
export function watchesFor({ registry, isReady, audit, auditKey }: Operations, told: Told, log: Log): Watches {
  const { policy, version } = told;
  const libraries = [...told.knowledge.libraries.keys()];
  const reasons = policy.wording['override-reasons'].reasons.map(({ code }) => code);
  const calls = new CallMetrics(registry, {
    services: told.services.map(({ id }) => id),
    statuses: ANSWERED_STATUSES.map(String),
    codes: [...SERVICE_ERROR_CODES, 'unexpected'],
    refusals: REFUSAL_REASONS,
    findings: [...libraries.map(kebabCase), 'not-checked'],
    reasons,
  });
  const fhir = new FhirMetrics(registry, originsOf(told.allowed).length);
  serviceInfo(registry, { version, knowledgeVersion: policy.version, isReady });
  const knowledgeVersion = policy.version;
  const record = auditCalls({
    key: auditKey,
    knowledgeVersion,
    reasons: new Set(reasons),
    write: audit.write.bind(audit),
  });
  return {
    calls: {
      onCallEnded: (call) => {
        calls.callEnded(call);
        record(call);
      },
      onStage: calls.stageDone.bind(calls),
    },
    ...reports(told, registry, log),
    fhir: { onCall: fhir.callDone.bind(fhir), onRest: fhir.resting.bind(fhir) },
  };
}

/** What goes unexpectedly in an evaluation is written down. */
function reports({ knowledge, queries }: Told, registry: Registry, log: Log): Pick<Watches, 'reports' | 'threads'> {
  const resourceTypes = [...new Set(queries.map(({ resourceType }) => resourceType))];
  const metrics = new RecordMetrics(registry, { resourceTypes, libraries: [...knowledge.libraries.keys()] });
  const onLibraryFailed: ThreadReports['onLibraryFailed'] = ({ library, error }) => {
    log.libraryFailed({ library, errors: [error] });
    metrics.libraryFailed(library);
  };
  const shared = {
    onGathered: metrics.gathered.bind(metrics),
    onInterpreted: (libraries: readonly string[]) => {
      log.librariesInterpreted({ libraries: [...libraries] });
      metrics.librariesInterpreted(libraries);
    },
  };
  return {
    reports: {
      ...shared,
      onLibraryFailed: ({ library, cause }) => {
        onLibraryFailed({ library, error: cause instanceof Error ? cause.name : typeof cause });
      },
    },
    threads: {
      ...shared,
      onLibraryFailed,
      onThreadEnded: (reason) => {
        log.threadEnded({ reason });
      },
    },
  };
}
