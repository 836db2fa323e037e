import type { RequestHandler } from 'express';
import type { CdsService } from '../cds-hooks.js';

/** What the service says of itself. */
export interface About {
  name: string;
  /** Of the service. */
  version: string;
  /** Semantic version of the clinical knowledge. */
  knowledgeVersion: string;
}

/** `GET /`: what this is, for people (CDS Hooks, Capability Documentation): hooks, data needed, what happens without them. */
export function answerFrontPage(about: About, services: readonly CdsService[]): RequestHandler {
  const page = toPage(about, services);
  return (_request, response) => {
    response.type('html').send(page);
  };
}

function toPage(about: About, services: readonly CdsService[]): string {
  const name = escapeHtml(about.name);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${name}</title></head>
<body>
<h1>${name} ${escapeHtml(about.version)}</h1>
<p>A CDS Hooks service; clinical knowledge ${escapeHtml(about.knowledgeVersion)}. It supports a clinician's judgement and does not replace it.
What it rests on, what it looks at and what it is not: <a href="about">about</a>.
Its services are listed at <a href="cds-services">/cds-services</a>, its interface is described in <a href="openapi">words</a>
and as <a href="openapi.json">OpenAPI</a>.</p>
${services.map(toSection).join('\n')}
<h2>When data are missing</h2>
<p>What the prefetch lacks is read from the FHIR server of the call, if that server is on the allow-list. What could still not
be had is named in a card. Without the patient, or without anything to judge, the answer is 412.</p>
</body>
</html>
`;
}

function toSection(service: CdsService): string {
  const queries = Object.values(service.prefetch ?? {}).map((query) => `<li><code>${escapeHtml(query)}</code></li>`);
  return [
    `<h2>${escapeHtml(service.title)}</h2>`,
    `<p>Hook <code>${service.hook}</code>. ${escapeHtml(service.description)}</p>`,
    ...(service.usageRequirements === undefined ? [] : [`<p>${escapeHtml(service.usageRequirements)}</p>`]),
    ...(queries.length === 0 ? [] : [`<p>Data needed:</p><ul>${queries.join('')}</ul>`]),
  ].join('\n');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
