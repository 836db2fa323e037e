/** Posts transactions to a FHIR server. */
import { isResource, transactionOf } from './transactions.mjs';

/** A large record takes a server its time. */
const WITHIN_MS = 300_000;

/** Loads named resources one after the other and says which patients they are; throws what the server refuses and why. */
export async function sendAll(server, named, say) {
  for (const { name, resource } of named) {
    if (!isResource(resource)) throw new Error(`${name} is no FHIR resource.`);
    const addresses = await send(server, transactionOf(resource)).catch((cause) => {
      throw new Error(`${name} was not loaded: ${cause.message}`, { cause });
    });
    const patients = addresses.filter((address) => address.startsWith('Patient/'));
    say(`${name}: ${addresses.length} loaded${patients.length > 0 ? `, of ${patients.join(', ')}` : ''}`);
  }
}

/** Posts one Bundle and answers where its entries are now; throws what the server says against it. */
async function send(server, bundle) {
  if ((bundle.entry ?? []).length === 0) return [];
  const response = await fetch(server, {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json', Accept: 'application/fhir+json' },
    body: JSON.stringify(bundle),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) throw new Error(diagnosticsOf(answer) || `the server answered ${response.status}`);
  const taken = (answer.entry ?? []).map((entry) => entry.response ?? {});
  const refused = taken.find(({ status = '' }) => !status.startsWith('2'));
  if (refused !== undefined) throw new Error(diagnosticsOf(refused.outcome) || 'the server refused an entry');
  return taken.map(({ location = '' }) => location.replace(/\/_history\/.*$/, ''));
}

function diagnosticsOf(outcome) {
  return (outcome?.issue ?? []).map(({ diagnostics, details }) => diagnostics ?? details?.text).join('; ');
}
