import type { Bundle, FhirResource } from 'fhir/r4.js';
import { z } from 'zod';
import { ServiceError } from './errors.js';
import { FHIR_ID, SAFE_FHIR_ID } from './fhir-id.js';
import { isRecord } from './is-record.js';

/** The CDS Hooks release this service implements. */
export const CDS_HOOKS_VERSION = '2.0.1';

/** The request extension that says which instant counts as "now". */
export const EVALUATION_TIME_EXTENSION = 'org.renal-cramp-cds.evaluation-time';

/** The hooks that are answered, each by one service. */
export const HOOK_NAMES = ['patient-view', 'order-select', 'order-sign'] as const;
export type HookName = (typeof HOOK_NAMES)[number];

/** Query strings by key, as written in discovery. */
export type PrefetchTemplates = Record<string, string>;

/** One entry of discovery (CDS Hooks 2.0.1, Discovery > Response). */
export interface CdsService {
  id: string;
  hook: HookName;
  title: string;
  description: string;
  prefetch?: PrefetchTemplates;
  usageRequirements?: string;
  /** Semantic version of the CDS Hooks release. */
  version: string;
}

/** The client's access token: held in memory until the answer is sent, never logged. */
export interface FhirAuthorization {
  access_token: string;
  token_type: 'Bearer';
  /** Seconds. */
  expires_in: number;
  scope: string;
  subject: string;
  /** Id of the only patient the token may read. */
  patient?: string;
}

/** The context of the three hooks; `selections` and `draftOrders` come with the order hooks, and not always. */
export interface HookContext {
  /** `Type/id`. */
  userId: string;
  patientId: string;
  encounterId?: string;
  /** `Type/id` or a bare id, of entries of `draftOrders` (order-select). */
  selections?: string[];
  /** All unsigned orders; its entries are as the client sent them. */
  draftOrders?: Bundle;
}

/** A call of a service, checked down to the resources, which stay unknown. */
export interface CdsRequest {
  hook: HookName;
  hookInstance: string;
  fhirServer?: string;
  fhirAuthorization?: FhirAuthorization;
  context: HookContext;
  /** Absent key: not fetched; null: asked, nothing found; OperationOutcome: failed. */
  prefetch?: Record<string, unknown>;
  /** FHIR instant to evaluate at; honoured only where the configuration allows it. */
  evaluationTime?: string;
}

export interface CdsResponse {
  cards: Card[];
}

export type Indicator = 'info' | 'warning' | 'critical';

/** One card (CDS Hooks 2.0.1, Card Attributes). */
export interface Card {
  uuid: string;
  /** One sentence under 140 characters. */
  summary: string;
  /** GitHub-flavoured markdown. */
  detail?: string;
  indicator: Indicator;
  source: Source;
  suggestions?: Suggestion[];
  /** Required as soon as there are suggestions. */
  selectionBehavior?: 'at-most-one' | 'any';
  overrideReasons?: OverrideReason[];
  links?: Link[];
  extension?: Record<string, unknown>;
}

export interface Source {
  label: string;
  /** Absolute, about the source. */
  url?: string;
  icon?: string;
  topic?: Coding;
}

export interface Coding {
  system: string;
  code: string;
  display?: string;
}

export interface OverrideReason extends Coding {
  display: string;
}

export interface Suggestion {
  label: string;
  uuid: string;
  isRecommended?: boolean;
  actions?: Action[];
}

/** `create` and `update` carry the whole resource, `delete` names it as `Type/id`. */
export type Action =
  | { type: 'create' | 'update'; description: string; resource: FhirResource }
  | { type: 'delete'; description: string; resourceId: string };

export interface Link {
  label: string;
  url: string;
  type: 'absolute' | 'smart';
  /** Only with `smart`. */
  appContext?: string;
}

const MOST_PREFETCH_KEYS = 64;
const MOST_PATHS_NAMED = 5;
const MOST_URL_LENGTH = 2_048;

const fhirId = z.string().regex(SAFE_FHIR_ID);
const userReference = z
  .string()
  .regex(new RegExp(`^(Practitioner|PractitionerRole|Patient|RelatedPerson)/${FHIR_ID}$`));
/** Printable ASCII without blanks, so that the token cannot break out of its header. */
const accessToken = z.string().regex(/^[\x21-\x7e]+$/);

/** A client that has no value should leave the attribute out; some send null, '' or the token itself. */
function isBlank(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'string' && /^\{\{[^{}]*\}\}$/.test(value));
}

function withoutBlanks(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const attributes: unknown[] = Object.values(value);
  if (!attributes.some(isBlank)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, attribute]) => !isBlank(attribute)));
}

/** Only the shape that a reader walks through; the resources themselves are read with tolerance later. */
function isBundle(value: unknown): value is Bundle {
  if (!isRecord(value) || value['resourceType'] !== 'Bundle') return false;
  const entries = value['entry'] ?? [];
  return Array.isArray(entries) && entries.every((entry) => isRecord(entry) && isResourceOrAbsent(entry['resource']));
}

function isResourceOrAbsent(value: unknown): boolean {
  return value === undefined || (isRecord(value) && typeof value['resourceType'] === 'string');
}

/** The same as JSON Schema. */
const RESOURCE = { type: 'object', properties: { resourceType: { type: 'string' } }, required: ['resourceType'] };
const ENTRIES = { type: 'array', items: { type: 'object', properties: { resource: RESOURCE } } };

const chartFields = { userId: userReference, patientId: fhirId, encounterId: fhirId.exactOptional() };
const draftOrders = z
  .custom<Bundle>(isBundle)
  .meta({
    type: 'object',
    properties: { resourceType: { const: 'Bundle' }, entry: ENTRIES },
    required: ['resourceType'],
  })
  .exactOptional();

const contexts = {
  'patient-view': z.object(chartFields),
  'order-select': z.object({ ...chartFields, selections: z.array(z.string().min(1)).exactOptional(), draftOrders }),
  'order-sign': z.object({ ...chartFields, draftOrders }),
} satisfies Record<HookName, z.ZodType>;

const fhirAuthorization = z.object({
  access_token: accessToken,
  token_type: z.literal('Bearer'),
  expires_in: z.int().nonnegative(),
  scope: z.string().min(1),
  subject: z.string().min(1),
  patient: fhirId.exactOptional(),
});

const prefetch = z
  .custom<Record<string, unknown>>(isRecord)
  .refine((value) => Object.keys(value).length <= MOST_PREFETCH_KEYS)
  .meta({ type: 'object', maxProperties: MOST_PREFETCH_KEYS });

const extension = z.preprocess(
  (value) => (isRecord(value) ? withoutBlanks(value) : {}),
  z.object({ [EVALUATION_TIME_EXTENSION]: z.iso.datetime({ offset: true }).exactOptional() }),
);

function requestSchema<Hook extends HookName>(hook: Hook) {
  const shape = z.object({
    hook: z.literal(hook),
    hookInstance: z.guid(),
    fhirServer: z.url().max(MOST_URL_LENGTH).exactOptional(),
    fhirAuthorization: z.preprocess(withoutBlanks, fhirAuthorization).exactOptional(),
    context: z.preprocess(withoutBlanks, contexts[hook]),
    prefetch: prefetch.exactOptional(),
    extension: extension.exactOptional(),
  });
  const fields = shape.meta({ dependentRequired: { fhirAuthorization: ['fhirServer'] } });
  return z
    .preprocess(withoutBlanks, fields)
    .refine(({ fhirServer, fhirAuthorization }) => fhirServer !== undefined || fhirAuthorization === undefined, {
      path: ['fhirServer'],
    });
}

const requests = {
  'patient-view': requestSchema('patient-view'),
  'order-select': requestSchema('order-select'),
  'order-sign': requestSchema('order-sign'),
};

/** What the body of a call of the service for `hook` must be, as JSON Schema; blank optional fields may be there too. */
export function cdsRequestSchema(hook: HookName): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(requests[hook], { io: 'input', unrepresentable: 'any' });
}

/**
 * Reads the body of a call of the service for `hook`.
 * Throws `malformed-request` with the paths of the wrong fields, never their values.
 */
export function parseCdsRequest(body: unknown, hook: HookName): CdsRequest {
  const parsed = requests[hook].safeParse(body);
  if (!parsed.success) throw malformed(parsed.error);
  const { extension: extensions, ...request } = parsed.data;
  const evaluationTime = extensions?.[EVALUATION_TIME_EXTENSION];
  return evaluationTime === undefined ? request : { ...request, evaluationTime };
}

function malformed(error: z.ZodError): ServiceError {
  const paths = new Set(error.issues.map((issue) => issue.path.join('.')));
  if (paths.has('')) return new ServiceError('malformed-request', 'The body must be a JSON object.');
  const named = [...paths].slice(0, MOST_PATHS_NAMED).join(', ');
  return new ServiceError('malformed-request', `Missing or not as CDS Hooks 2.0.1 describes it: ${named}.`);
}
