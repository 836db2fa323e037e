import { z } from 'zod';
import { CDS_HOOKS_VERSION, cdsRequestSchema, type CdsService } from '../cds-hooks.js';
import type { About } from './front-page.js';
import { SENT_SCHEMAS } from './openapi-schemas.js';

type Schema = Record<string, unknown>;

export interface OpenApiParts {
  about: About;
  services: readonly CdsService[];
  publicBaseUrl: string;
  /** Whether clients must present a JWT. */
  isAuthRequired: boolean;
}

export interface OpenApiOperation {
  summary: string;
  description?: string;
  operationId: string;
  security?: Record<string, string[]>[];
  parameters?: OpenApiParameter[];
  requestBody?: { required: true; content: Record<string, { schema: Schema }> };
  responses: Record<string, OpenApiResponse | { $ref: string }>;
}

export interface OpenApiParameter {
  name: string;
  in: 'query';
  required: boolean;
  description: string;
  schema: Schema;
}

export interface OpenApiResponse {
  description: string;
  content?: Record<string, { schema: Schema }>;
}

/** As much of OpenAPI 3.1 as this service needs. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; summary: string; license: { name: string; identifier: string } };
  servers: { url: string }[];
  paths: Record<string, { get?: OpenApiOperation; post?: OpenApiOperation }>;
  components: {
    schemas: Record<string, Schema>;
    responses: Record<string, OpenApiResponse>;
    securitySchemes?: Record<string, Schema>;
  };
}

/** What each refusal means; its body is always an OperationOutcome. */
const REFUSALS: Readonly<Record<string, string>> = {
  '400': 'Not as CDS Hooks describes it; the fields are named.',
  '401': 'The client is not trusted; the log of the service says why.',
  '412': 'The data needed came neither by prefetch nor from the FHIR server.',
  '413': 'The body is too large.',
  '415': 'Neither application/json nor application/*+json in UTF-8.',
  '429': 'Too many requests: come back after Retry-After seconds.',
  '500': 'Our mistake.',
  '503': 'Late, or not ready: come back after Retry-After seconds.',
};

const CLIENT_TOKEN = 'clientToken';

/** The description of the interface, made from the schemas that requests are read with. */
export function openApiDocument({ about, services, publicBaseUrl, isAuthRequired }: OpenApiParts): OpenApiDocument {
  const called = services.flatMap((service) => [
    [`/cds-services/${service.id}`, { post: withSecurity(call(service), isAuthRequired) }] as const,
    [`/cds-services/${service.id}/feedback`, { post: withSecurity(feedback(service), isAuthRequired) }] as const,
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: about.name,
      version: about.version,
      summary: `CDS Hooks ${CDS_HOOKS_VERSION}; clinical knowledge ${about.knowledgeVersion}`,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicBaseUrl }],
    paths: {
      '/cds-services': { get: withSecurity(DISCOVERY, isAuthRequired) },
      ...Object.fromEntries(called),
      '/feedback/summary': { get: withSecurity(SUMMARY, isAuthRequired) },
      '/health/live': { get: health('live', 'The process runs') },
      '/health/ready': { get: health('ready', 'Hooks can be answered') },
    },
    components: {
      schemas: { ...sentSchemas(), ...requestSchemas(services) },
      responses: Object.fromEntries(
        Object.entries(REFUSALS).map(([status, words]) => [nameOf(status), refusal(words)]),
      ),
      ...(isAuthRequired ? { securitySchemes: { [CLIENT_TOKEN]: TOKEN_SCHEME } } : {}),
    },
  };
}

const TOKEN_SCHEME = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'A JWT of its own for each call, signed by the client; aud is the address that is called.',
};

const DISCOVERY: OpenApiOperation = {
  summary: 'The services, each with its prefetch queries',
  operationId: 'discover',
  responses: { '200': json('The services.', 'Services'), ...refused('429', '500', '503') },
};

const SUMMARY: OpenApiOperation = {
  summary: 'What became of the cards, per topic and version of the knowledge',
  description: 'Without client authentication only for callers on the same machine.',
  operationId: 'summarise-feedback',
  parameters: [
    queryParameter('since', 'First day, in UTC.', { type: 'string', format: 'date' }),
    queryParameter('until', 'Last day, in UTC.', { type: 'string', format: 'date' }),
    queryParameter('by', 'Period that is counted together; a week when absent.', { enum: ['day', 'week', 'all'] }),
  ],
  responses: { '200': json('The counts.', 'FeedbackSummary'), ...refused('400', '401', '429', '500', '503') },
};

function queryParameter(name: string, description: string, schema: Schema): OpenApiParameter {
  return { name, in: 'query', required: false, description, schema };
}

function call({ id, hook, title, description }: CdsService): OpenApiOperation {
  return {
    summary: `${title}: ${hook}`,
    description,
    operationId: id,
    requestBody: body(requestName(hook)),
    responses: {
      '200': json('Cards; none when there is nothing to say.', 'Cards'),
      ...refused('400', '412', '413', '415', '429', '500', '503'),
    },
  };
}

function feedback({ id, hook }: CdsService): OpenApiOperation {
  return {
    summary: `What became of the cards of ${hook}`,
    operationId: `${id}-feedback`,
    requestBody: body('Feedback'),
    responses: {
      '200': { description: 'Kept. There is no body.' },
      ...refused('400', '413', '415', '429', '500', '503'),
    },
  };
}

function health(name: string, summary: string): OpenApiOperation {
  const schema = { type: 'object', properties: { status: { const: name } }, required: ['status'] };
  return {
    summary,
    operationId: name,
    responses: {
      '200': { description: summary, content: { 'application/json': { schema } } },
      ...(name === 'ready' ? refused('503') : {}),
    },
  };
}

function withSecurity(operation: OpenApiOperation, isAuthRequired: boolean): OpenApiOperation {
  if (!isAuthRequired) return operation;
  return { ...operation, security: [{ [CLIENT_TOKEN]: [] }], responses: { ...operation.responses, ...refused('401') } };
}

function body(schema: string): NonNullable<OpenApiOperation['requestBody']> {
  return { required: true, content: { 'application/json': { schema: reference(schema) } } };
}

function json(description: string, schema: string): OpenApiResponse {
  return { description, content: { 'application/json': { schema: reference(schema) } } };
}

function refusal(description: string): OpenApiResponse {
  return { description, content: { 'application/fhir+json': { schema: reference('OperationOutcome') } } };
}

function refused(...statuses: string[]): Record<string, { $ref: string }> {
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${nameOf(status)}` }]));
}

function reference(schema: string): { $ref: string } {
  return { $ref: `#/components/schemas/${schema}` };
}

function nameOf(status: string): string {
  return `Refusal${status}`;
}

/** Such as `OrderSelectCall`. */
function requestName(hook: string): string {
  const words = hook.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Call`;
}

function requestSchemas(services: readonly CdsService[]): Record<string, Schema> {
  return Object.fromEntries(services.map(({ hook }) => [requestName(hook), bare(cdsRequestSchema(hook))]));
}

function sentSchemas(): Record<string, Schema> {
  const schemas = Object.entries(SENT_SCHEMAS);
  return Object.fromEntries(schemas.map(([name, schema]) => [name, bare(toJsonSchema(schema))]));
}

/** Extensions may be added to whatever is sent, so nothing is closed. */
function toJsonSchema(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

/** The dialect is that of the document. */
function bare({ $schema, ...schema }: z.core.JSONSchema.BaseSchema): Schema {
  return schema;
}
