/** A patient-view call with nothing but what the specification demands. */
export function patientViewCall(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    context: { userId: 'Practitioner/example', patientId: 'patient-1' },
    ...changes,
  };
}

/** The same with one field of the context changed. */
export function withContext(changes: Record<string, unknown>, hook = 'patient-view'): Record<string, unknown> {
  return patientViewCall({ hook, context: { userId: 'Practitioner/example', patientId: 'patient-1', ...changes } });
}

export const DRAFT_ORDERS = {
  resourceType: 'Bundle',
  entry: [{ resource: { resourceType: 'MedicationRequest', id: 'request-123', status: 'draft', category: {} } }],
};

export const AUTHORIZATION = {
  access_token: 'secret-token-canary',
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'patient/Observation.rs',
  subject: 'cds-service',
};
