import type { FhirResource } from 'fhir/r4.js';
import { result } from './kidney-patient.js';

/** A haemodialysis of four hours that takes off four litres, written down the day after. */
export function dialysisSession(): FhirResource[] {
  const subject = { reference: 'Patient/p' };
  const session: FhirResource = {
    resourceType: 'Procedure',
    id: 'session',
    status: 'completed',
    subject,
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-9-cm', code: '39.95' }] },
    performedPeriod: { start: '2026-05-14T08:00:00Z', end: '2026-05-14T12:00:00Z' },
  };
  const volume: FhirResource = {
    ...result('p', 'volume', { code: 'uf-volume', value: 4000, unit: 'mL' }, '2026-05-15T12:00:00Z'),
    code: { coding: [{ system: 'urn:renal-cramp-cds:dialysis-session', code: 'uf-volume' }] },
    partOf: [{ reference: 'Procedure/session' }],
  };
  const weight = result('p', 'weight', { code: '8344-4', value: 70, unit: 'kg' }, '2026-05-14T12:10:00Z');
  return [session, volume, weight];
}
