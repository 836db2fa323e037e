import fc from 'fast-check';
import type { FhirResource } from 'fhir/r4.js';
import type { CdsService } from '../../src/cds-hooks.js';
import { charted, ordered } from './charted-patient.js';
import { patientView } from './composed-service.js';
import { GABAPENTIN, SESSION, VOLUME, WEIGHT_AFTER } from './hygiene/scenes.js';
import { condition, daysAgo, furosemide, kidneyPatient, NOW } from './kidney-patient.js';
import { mutated } from './mutated.js';
import { mutatedText } from './mutated-text.js';

export interface FuzzedRequest {
  path: string;
  body: Buffer;
}

const CARD = '8d5b0e3a-4a1c-4b68-9a0c-3d9b2f0f7d11';

const CHART: FhirResource[] = [
  ...kidneyPatient('p', { calcium: 7.4, phosphate: 6.4, magnesium: 1.1, potassium: 6.6 }),
  furosemide('p'),
  charted('p', { code: '2731-8', value: 210, unit: 'pg/mL', at: daysAgo(30), high: 65 }),
  charted('p', { code: '1995-0', value: 0.95, unit: 'mmol/L', at: daysAgo(2), comparator: '<' }),
  ordered('p', 'statin', 'atorvastatin 20 mg'),
];

const DIALYSIS: FhirResource[] = [
  ...kidneyPatient('p', { sodium: 118 }),
  condition('p', 'dialysis', { code: 'Z99.2', display: 'Dependence on renal dialysis' }, daysAgo(400)),
  condition('p', 'legs', { code: 'G25.81', display: 'Restless legs' }, daysAgo(9)),
  SESSION,
  VOLUME,
  WEIGHT_AFTER,
  charted('p', { code: '8480-6', value: 84, unit: 'mm[Hg]', at: '2026-05-17T06:00:00Z' }),
];

const DRAFTS: FhirResource[] = [GABAPENTIN, { ...furosemide('p'), id: 'draft-furosemide', status: 'draft' }];

/** Correct requests for every address that takes a body, small enough to be sent by the thousand. */
function correctRequests(services: readonly CdsService[]): { path: string; value: object }[] {
  const calls = services.flatMap((service) =>
    [CHART, DIALYSIS].map((chart) => ({
      path: `/cds-services/${service.id}`,
      value: withDrafts(patientView(service, chart, NOW)),
    })),
  );
  const [first = { path: '', value: {} }] = calls;
  // An explanation costs several times as much as cards.
  const others = [feedbackOn(first.path), feedbackOn(first.path), { path: '/app/explain', value: first.value }];
  return [...calls, ...calls, ...calls, ...others];
}

function withDrafts(request: ReturnType<typeof patientView>): object {
  if (request.hook === 'patient-view') return request;
  const draftOrders = { resourceType: 'Bundle', entry: DRAFTS.map((resource) => ({ resource })) };
  const selections = request.hook === 'order-select' ? { selections: ['MedicationRequest/gabapentin'] } : {};
  return { ...request, context: { ...request.context, draftOrders, ...selections } };
}

function feedbackOn(path: string): { path: string; value: object } {
  const reason = { system: 'urn:reasons', code: 'declined', display: 'Patient declined' };
  const given = { card: CARD, outcomeTimestamp: '2026-05-17T12:00:00Z' };
  const accepted = { ...given, outcome: 'accepted', acceptedSuggestions: [{ id: CARD }] };
  const overridden = { ...given, outcome: 'overridden', overrideReason: { reason, userComment: 'Not today' } };
  return { path: `${path}/feedback`, value: { feedback: [accepted, overridden] } };
}

/** These with places of them broken, as JSON and as bytes. */
export function fuzzedRequests(services: readonly CdsService[]): fc.Arbitrary<FuzzedRequest> {
  const correct = correctRequests(services);
  const each = correct.map(({ path, value }) => {
    const structures = mutated(fc.constant(value)).map((body) => Buffer.from(JSON.stringify(body)));
    const bodies = fc.oneof({ weight: 3, arbitrary: structures }, mutatedText(fc.constant(JSON.stringify(value))));
    return bodies.map((body) => readable({ path, body }));
  });
  return fc.oneof(...each);
}

/** So that a counterexample can be sent again by hand. */
function readable(request: FuzzedRequest): FuzzedRequest {
  return Object.assign(request, { [fc.toStringMethod]: () => `${request.path} ${request.body.toString('latin1')}` });
}
