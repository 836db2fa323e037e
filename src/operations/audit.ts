import { createHmac } from 'node:crypto';
import type { CallRecord } from '../http/call-record.js';

const ANONYMOUS = 'anonymous';
const ANSWERED = 'answered';
const ABANDONED = 'abandoned';
const OTHER = 'other';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Characters of hexadecimal: enough that no two patients are taken for one. */
const PATIENT_LENGTH = 32;

export interface AuditOptions {
  /** Secret that makes the hash of a patient's id one that others cannot compute. */
  key: Buffer;
  knowledgeVersion: string;
  /** Codes of reasons that may stand in a record; any other is `other`. */
  reasons: ReadonlySet<string>;
  write: (record: object) => void;
}

/** Puts every call on record: who asked, which service, with which knowledge, and what was shown. No patient data in clear. */
export function auditCalls({ key, knowledgeVersion, reasons, write }: AuditOptions): (call: CallRecord) => void {
  return (call) => {
    if (call.kind === 'other') return;
    // Set one by one, in this order: V8 is slow at what is spread into the middle of an object.
    const record: Record<string, unknown> = { audit: call.kind, client: call.client ?? ANONYMOUS };
    if (call.service !== undefined) record['service'] = call.service;
    record['knowledge'] = knowledgeVersion;
    record['outcome'] = call.isAbandoned ? ABANDONED : (call.code ?? ANSWERED);
    if (call.reason !== undefined) record['reason'] = call.reason;
    record['status'] = call.status;
    if (call.asked !== undefined) {
      record['instance'] = call.asked.instance;
      record['patient'] = hashOf(call.asked.patientId, key);
    }
    if (call.cards !== undefined) record['cards'] = call.cards.map(cardFields);
    if (call.feedback !== undefined) Object.assign(record, feedbackFields(call.feedback, reasons));
    record['ms'] = Math.round(call.ms);
    write(record);
  };
}

function hashOf(patientId: string, key: Buffer): string {
  return createHmac('sha256', key).update(patientId).digest('hex').slice(0, PATIENT_LENGTH);
}

function cardFields({ uuid, indicator, findings }: NonNullable<CallRecord['cards']>[number]): object {
  return { uuid, indicator, findings };
}

/** What a client calls a card or a reason may be anything; only what is ours is put on record. */
function feedbackFields(
  { events, stored, repeated }: NonNullable<CallRecord['feedback']>,
  reasons: ReadonlySet<string>,
): object {
  return {
    feedback: events.map(({ card, outcome, reason }) => ({
      card: UUID.test(card) ? card : OTHER,
      outcome,
      ...(reason === undefined ? {} : { reason: reasons.has(reason.code ?? '') ? reason.code : OTHER }),
    })),
    stored,
    repeated,
  };
}
