import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCdsRequest, type HookName } from '../../src/cds-hooks.js';
import { ServiceError } from '../../src/errors.js';
import { AUTHORIZATION, DRAFT_ORDERS, patientViewCall, withContext } from '../support/hook-requests.js';

const EVALUATION_TIME = 'org.renal-cramp-cds.evaluation-time';
const FHIR_SERVER = 'https://fhir.example.org/r4';

/** The message of the ServiceError, which must be `malformed-request`. */
function refusal(body: unknown, hook: HookName = 'patient-view'): string {
  try {
    parseCdsRequest(body, hook);
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: 'malformed-request' });
    return (error as ServiceError).message;
  }
  throw new Error('the request was accepted');
}

const refused = (paths: string) => `Missing or not as CDS Hooks 2.0.1 describes it: ${paths}.`;

describe('parseCdsRequest', () => {
  it('reads a call with nothing but the required fields', () => {
    expect(parseCdsRequest(patientViewCall(), 'patient-view')).toEqual({
      hook: 'patient-view',
      hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
      context: { userId: 'Practitioner/example', patientId: 'patient-1' },
    });
  });

  it('reads a call with everything', () => {
    const body = withContext(
      { encounterId: 'e-1', selections: ['MedicationRequest/request-123', 'request-4'], draftOrders: DRAFT_ORDERS },
      'order-select',
    );
    const more = { fhirServer: FHIR_SERVER, fhirAuthorization: { ...AUTHORIZATION, patient: 'patient-1' } };
    const extension = { [EVALUATION_TIME]: '2026-05-17T08:00:00+02:00', 'com.example.other': { a: 1 } };
    const parsed = parseCdsRequest({ ...body, ...more, prefetch: { a: null, b: 7 }, extension }, 'order-select');
    expect(parsed).toEqual({
      hook: 'order-select',
      hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
      fhirServer: FHIR_SERVER,
      fhirAuthorization: { ...AUTHORIZATION, patient: 'patient-1' },
      context: {
        userId: 'Practitioner/example',
        patientId: 'patient-1',
        encounterId: 'e-1',
        selections: ['MedicationRequest/request-123', 'request-4'],
        draftOrders: DRAFT_ORDERS,
      },
      prefetch: { a: null, b: 7 },
      evaluationTime: '2026-05-17T08:00:00+02:00',
    });
  });

  it.each<HookName>(['order-select', 'order-sign'])('accepts %s without drafts and selections', (hook) => {
    const { context } = parseCdsRequest(withContext({}, hook), hook);
    expect(context).toEqual({ userId: 'Practitioner/example', patientId: 'patient-1' });
  });

  it.each(['D1577C69-DFBE-11EA-ADC1-0242AC120002', 'd1577c69-dfbe-14ad-ba6d-3e05e953b2ea'])(
    'accepts any version and letter case of a UUID: %s',
    (hookInstance) => {
      expect(parseCdsRequest(patientViewCall({ hookInstance }), 'patient-view').hookInstance).toBe(hookInstance);
    },
  );

  it.each([null, '', '{{context.encounterId}}'])('takes the encounter %j for none', (encounterId) => {
    expect(parseCdsRequest(withContext({ encounterId }), 'patient-view').context).not.toHaveProperty('encounterId');
  });

  it('takes optional fields that are null for absent, but keeps a null of the prefetch', () => {
    const body = patientViewCall({ fhirServer: null, fhirAuthorization: null, extension: null, prefetch: { a: null } });
    expect(parseCdsRequest(body, 'patient-view')).toEqual({ ...patientViewCall(), prefetch: { a: null } });
  });

  it('ignores unknown fields and an extension that is no object', () => {
    const body = patientViewCall({ colour: 'green', extension: 'none' });
    expect(parseCdsRequest(body, 'patient-view')).toEqual(patientViewCall());
  });

  it('accepts 64 prefetch keys and refuses 65', () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 1]));
    expect(parseCdsRequest(patientViewCall({ prefetch: keys(64) }), 'patient-view').prefetch).toHaveProperty('key63');
    expect(refusal(patientViewCall({ prefetch: keys(65) }))).toBe(refused('prefetch'));
  });

  it.each<[string, unknown, string]>([
    ['an array', [], 'The body must be a JSON object.'],
    ['null', null, 'The body must be a JSON object.'],
    ['text', 'hook', 'The body must be a JSON object.'],
    ['an empty object', {}, refused('hook, hookInstance, context')],
    ['another hook', patientViewCall({ hook: 'order-sign' }), refused('hook')],
    ['a hookInstance that is no UUID', patientViewCall({ hookInstance: '7' }), refused('hookInstance')],
    ['a context that is a list', patientViewCall({ context: [] }), refused('context')],
    ['no user', withContext({ userId: null }), refused('context.userId')],
    ['a user without type', withContext({ userId: 'example' }), refused('context.userId')],
    ['a user of another type', withContext({ userId: 'Device/example' }), refused('context.userId')],
    ['a patient with a slash', withContext({ patientId: 'Patient/1' }), refused('context.patientId')],
    ['a patient that climbs', withContext({ patientId: '..' }), refused('context.patientId')],
    ['a patient of 65 characters', withContext({ patientId: 'x'.repeat(65) }), refused('context.patientId')],
    ['a patient that is a number', withContext({ patientId: 7 }), refused('context.patientId')],
    ['an encounter with a slash', withContext({ encounterId: 'a/b' }), refused('context.encounterId')],
    ['an unresolved patient', withContext({ patientId: '{{context.patientId}}' }), refused('context.patientId')],
    ['prefetch that is a list', patientViewCall({ prefetch: [] }), refused('prefetch')],
    ['a server that is no URL', patientViewCall({ fhirServer: 'fhir' }), refused('fhirServer')],
    ['a token without a server', patientViewCall({ fhirAuthorization: AUTHORIZATION }), refused('fhirServer')],
    [
      'an evaluation time without offset',
      patientViewCall({ extension: { [EVALUATION_TIME]: '2026-05-17T08:00:00' } }),
      refused('extension.org.renal-cramp-cds.evaluation-time'),
    ],
  ])('refuses %s', (_name, body, message) => {
    expect(refusal(body)).toBe(message);
  });

  it.each([
    ['access_token', 'a\r\nHost: b'],
    ['token_type', 'bearer-ish'],
    ['expires_in', '300'],
    ['scope', null],
    ['subject', 7],
    ['patient', 'a/b'],
  ])('refuses an authorization whose %s is wrong', (field, value) => {
    const body = patientViewCall({ fhirServer: FHIR_SERVER, fhirAuthorization: { ...AUTHORIZATION, [field]: value } });
    expect(refusal(body)).toBe(refused(`fhirAuthorization.${field}`));
  });

  it.each([
    {},
    [],
    { resourceType: 'Patient' },
    { resourceType: 'Bundle', entry: {} },
    { resourceType: 'Bundle', entry: [7] },
  ])('refuses drafts that are no Bundle: %j', (draftOrders) => {
    expect(refusal(withContext({ draftOrders }, 'order-sign'), 'order-sign')).toBe(refused('context.draftOrders'));
  });

  it('names at most five fields, and no value', () => {
    const canary = 'Maria-Canary';
    const body = {
      hook: canary,
      hookInstance: canary,
      fhirServer: canary,
      fhirAuthorization: { access_token: `${canary} `, token_type: canary, scope: {} },
      context: { userId: canary, patientId: `${canary}/` },
      prefetch: [canary],
    };
    const message = refusal(body);
    expect(message).not.toContain('Canary');
    expect(message.split(', ')).toHaveLength(5);
  });

  it('answers any JSON with a request or malformed-request, never another error', () => {
    const field = fc.constantFrom(
      'hook',
      'hookInstance',
      'context',
      'prefetch',
      'fhirServer',
      'fhirAuthorization',
      'extension',
    );
    fc.assert(
      fc.property(field, fc.jsonValue(), (name, value) => {
        try {
          expect(parseCdsRequest(patientViewCall({ [name]: value }), 'patient-view').hook).toBe('patient-view');
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed-request' });
        }
      }),
    );
  });
});
