import type { Extension } from 'fhir/r4.js';
import { CANONICAL, type PackageSource } from './package-source.js';

/** By HL7's "Canonical Resource Management Infrastructure": what an artefact can be used for. */
const KNOWLEDGE_CAPABILITY = 'http://hl7.org/fhir/StructureDefinition/cqf-knowledgeCapability';
const CAPABILITIES = ['shareable', 'computable', 'publishable', 'executable'];
const COPYRIGHT =
  'Copyright 2026 The renal-cramp-cds authors, Apache License 2.0. The codes of other terminologies remain under the terms of their owners: see the copyright of each value set.';

type Published = 'Library' | 'ValueSet' | 'PlanDefinition' | 'ActivityDefinition';

/** What every resource of the package says of itself: a draft for experiments until a nephrologist has signed it. */
export function publication<Type extends Published>(
  resourceType: Type,
  id: string,
  { version, date }: Pick<PackageSource, 'version' | 'date'>,
  more: { name: string; title: string; copyright?: string },
) {
  return {
    resourceType,
    id,
    text: { status: 'generated' as const, div: narrative(more.title, version) },
    extension: CAPABILITIES.map((valueCode): Extension => ({ url: KNOWLEDGE_CAPABILITY, valueCode })),
    url: `${CANONICAL}/${resourceType}/${id}`,
    version,
    name: more.name,
    title: more.title,
    status: 'draft' as const,
    experimental: true,
    date,
    publisher: 'The renal-cramp-cds authors',
    copyright: more.copyright ?? COPYRIGHT,
  };
}

/** The canonical address of a resource of the package in its version. */
export function canonical(resourceType: Published, id: string, { version }: Pick<PackageSource, 'version'>): string {
  return `${CANONICAL}/${resourceType}/${id}|${version}`;
}

/** What a reader without a machine sees (FHIR R4, 2.4.0). */
function narrative(title: string, version: string): string {
  const text = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<div xmlns="http://www.w3.org/1999/xhtml"><p>${text}, version ${version}. A draft for experiments.</p></div>`;
}
