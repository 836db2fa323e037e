import type { OpenApiDocument, OpenApiOperation, OpenApiResponse } from '../http/openapi.js';
import { escapeHtml, toPage } from './render-page.js';

type Schema = Record<string, unknown>;

/** The description of the interface for people: every path, and every field of what is sent and answered. */
export function renderOpenApi(document: OpenApiDocument): string {
  const { info, paths, components } = document;
  const title = `Interface of ${info.title}`;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => toSection(method, path, operation, document)),
  );
  const schemas = Object.entries(components.schemas).map(([name, schema]) => toSchemaSection(name, schema));
  return toPage({
    lang: 'en',
    title,
    stylesheet: 'handouts/handout.css',
    body: `<nav aria-label="Pages"><a href="./">Services</a> <a href="about">About</a> <a href="openapi.json">OpenAPI ${escapeHtml(document.openapi)}</a></nav>
<main>
<h1>${escapeHtml(title)}</h1>
<p>Version ${escapeHtml(info.version)}. ${escapeHtml(info.summary)}. Served at <code>${escapeHtml(document.servers[0]?.url ?? '')}</code>.</p>
<p>${Object.keys(components.securitySchemes ?? {}).length === 0 ? 'No call needs a token.' : 'Calls that need a JWT of the client say so.'}
An optional field that is null or empty counts as absent; unknown fields are ignored.</p>
${operations.join('\n')}
<h2>What is sent and answered</h2>
${schemas.join('\n')}
</main>`,
  });
}

function toSection(method: string, path: string, operation: OpenApiOperation, document: OpenApiDocument): string {
  const { summary, description, parameters = [], requestBody, security, responses } = operation;
  const sent = Object.values(requestBody?.content ?? {}).map(({ schema }) => `<p>Body: ${linkTo(schema)}</p>`);
  const answers = Object.entries(responses).map(([status, response]) => toAnswer(status, response, document));
  return [
    `<section>\n<h2 id="${escapeHtml(operation.operationId)}"><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h2>`,
    `<p>${escapeHtml(summary)}.</p>`,
    ...(description === undefined ? [] : [`<p>${escapeHtml(description)}</p>`]),
    ...(security === undefined ? [] : ['<p>Needs a JWT of the client.</p>']),
    ...parameters.map(
      ({ name, description: words }) => `<p>Query: <code>${escapeHtml(name)}</code>. ${escapeHtml(words)}</p>`,
    ),
    ...sent,
    toTable(['Answer', 'Meaning', 'Body'], answers),
    '</section>',
  ].join('\n');
}

function toAnswer(status: string, response: OpenApiResponse | { $ref: string }, document: OpenApiDocument): string[] {
  const named = '$ref' in response ? document.components.responses[lastPart(response.$ref)] : response;
  const bodies = Object.values(named?.content ?? {}).map(({ schema }) => linkTo(schema));
  return [status, escapeHtml(named?.description ?? ''), bodies.join(', ')];
}

function toSchemaSection(name: string, schema: Schema): string {
  const rows = fieldsOf(schema, '').map(({ path, type, isRequired, notes }) => [
    `<code>${escapeHtml(path)}</code>`,
    escapeHtml(type),
    isRequired ? 'yes' : '',
    escapeHtml(notes),
  ]);
  return `<h3 id="${escapeHtml(name)}">${escapeHtml(name)}</h3>\n${toTable(['Field', 'Type', 'Required', 'Notes'], rows)}`;
}

interface Field {
  path: string;
  type: string;
  isRequired: boolean;
  notes: string;
}

/** Fields with the fields inside them below; of a list what its entries hold. */
function fieldsOf(schema: Schema, path: string): Field[] {
  const { properties, required, items, anyOf, oneOf } = schema;
  const needed = Array.isArray(required) ? required : [];
  const own = Object.entries(isSchema(properties) ? properties : {}).flatMap(([name, value]) => {
    const field = isSchema(value) ? value : {};
    const place = path === '' ? name : `${path}.${name}`;
    const line = { path: place, type: typeOf(field), isRequired: needed.includes(name), notes: notesOf(field) };
    return [line, ...fieldsOf(field, place)];
  });
  const entries = isSchema(items) ? fieldsOf(items, `${path}[]`) : [];
  const forms = [anyOf, oneOf].filter(Array.isArray).flat().filter(isSchema);
  return [...own, ...entries, ...forms.flatMap((form) => fieldsOf(form, path))];
}

function typeOf({ type, const: fixed, enum: allowed, anyOf, oneOf }: Schema): string {
  if (fixed !== undefined) return JSON.stringify(fixed);
  if (Array.isArray(allowed)) return allowed.map((value) => JSON.stringify(value)).join(' or ');
  if (typeof type === 'string') return type;
  return anyOf !== undefined || oneOf !== undefined ? 'one of several forms' : 'anything';
}

function notesOf({ description, format, pattern, minLength, maxLength, maxProperties }: Schema): string {
  const limits = [
    ...(typeof description === 'string' ? [description] : []),
    ...(typeof format === 'string' ? [`Format: ${format}.`] : []),
    ...(typeof pattern === 'string' && format === undefined ? [`Pattern: ${pattern}`] : []),
    ...(typeof minLength === 'number' && minLength > 1 ? [`At least ${minLength} characters.`] : []),
    ...(typeof maxLength === 'number' ? [`At most ${maxLength} characters.`] : []),
    ...(typeof maxProperties === 'number' ? [`At most ${maxProperties} keys.`] : []),
  ];
  return limits.join(' ');
}

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = head.map((column) => `<th scope="col">${column}</th>`).join('');
  const cells = ([first = '', ...others]: readonly string[]) =>
    `<tr><th scope="row">${first}</th>${others.map((cell, place) => `<td data-label="${head[place + 1] ?? ''}">${cell}</td>`).join('')}</tr>`;
  return `<table><thead><tr>${columns}</tr></thead><tbody>\n${rows.map(cells).join('\n')}\n</tbody></table>`;
}

function linkTo({ $ref }: Schema): string {
  if (typeof $ref !== 'string') return '';
  const name = escapeHtml(lastPart($ref));
  return `<a href="#${name}">${name}</a>`;
}

function lastPart(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
