import { expect } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import type { Card, HookName } from '../../src/cds-hooks.js';
import { type ComposedService, patientView } from '../support/composed-service.js';
import { postJson } from '../support/http-service.js';
import { NOW } from '../support/kidney-patient.js';

/** The body of a call; every field may be changed into what a client should not send. */
export interface HookBody extends Record<string, unknown> {
  hook: HookName;
  hookInstance: string;
  context: Record<string, unknown>;
  prefetch: Record<string, unknown>;
  extension: Record<string, unknown>;
}

/** A call of the service for this hook, at the moment our own patients are seen from, with everything prefetched. */
export function callOf(
  { services }: ComposedService,
  resources: readonly FhirResource[],
  hook: HookName = 'patient-view',
  context: Record<string, unknown> = {},
): HookBody {
  const service = services.find((each) => each.hook === hook);
  if (service === undefined) throw new Error(`There is no service for ${hook}.`);
  // as: what the builder makes.
  const body = patientView(service, resources, NOW) as HookBody;
  return { ...body, context: { ...body.context, ...context } };
}

export function post({ url }: ComposedService, body: Record<string, unknown>, headers?: Record<string, string>) {
  return postJson(`${url}/cds-services/renal-cramps-${String(body['hook'])}`, JSON.stringify(body), headers);
}

/** The cards of an answer, which must be one. */
export async function cardsFor(service: ComposedService, body: Record<string, unknown>): Promise<Card[]> {
  const response = await post(service, body);
  // What is in it is the matter of the test.
  const answer = (await response.json()) as { cards?: Card[] };
  expect({ status: response.status, answer }).toMatchObject({ status: 200, answer: { cards: expect.any(Array) } });
  return answer.cards ?? [];
}

export function draftOrders(...orders: readonly object[]) {
  return { resourceType: 'Bundle', entry: orders.map((resource) => ({ resource })) };
}
