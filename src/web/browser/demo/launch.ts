import type { Link } from '../../../cds-hooks.js';

/**
 * Opens a SMART link as an EHR does: with `iss` and a `launch` it will know again. The demo's launch value carries what an
 * EHR would keep under it.
 */
export function launchUrl({ url, appContext }: Link, server: string, patientId: string): string {
  const context = JSON.stringify({ patient: patientId, ...(appContext === undefined ? {} : { appContext }) });
  const bytes = new TextEncoder().encode(context);
  const launch = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
  const target = new URL(url);
  // The page may have been opened under another name of the same service.
  if (target.pathname.endsWith('/app/launch')) target.host = location.host;
  target.searchParams.set('iss', server);
  target.searchParams.set('launch', launch);
  return target.href;
}
