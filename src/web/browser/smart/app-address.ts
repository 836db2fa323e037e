/** How the app was opened without a sign-in; the second names are those other SMART apps use. */
export interface OpenAddress {
  server?: string;
  patient?: string;
}

export function readOpenAddress(search: string): OpenAddress {
  const query = new URLSearchParams(search);
  const server = query.get('fhirServiceUrl') ?? query.get('iss') ?? undefined;
  const patient = query.get('patient') ?? query.get('patientId') ?? undefined;
  return {
    ...(server === undefined ? {} : { server: server.replace(/\/+$/, '') }),
    ...(patient === undefined || !/^[A-Za-z0-9\-.]{1,64}$/.test(patient) ? {} : { patient }),
  };
}

/** The findings a card was about, as our own link says them; anything else says nothing. */
export function findingsIn(appContext: string | undefined): string[] {
  try {
    const context: unknown = JSON.parse(appContext ?? '');
    const findings = typeof context === 'object' && context !== null && 'findings' in context ? context.findings : [];
    return Array.isArray(findings) ? findings.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
