import type { FhirResource } from 'fhir/r4.js';
import { type Evaluation, evaluate } from '../../src/reasoning/evaluate.js';
import type { Knowledge } from '../../src/reasoning/knowledge.js';
import type { PatientRecord } from '../../src/patient-record.js';
import { type Comparable, ofFinding, ofParameter } from './comparable-finding.js';
import type { CrossCheckedCase } from './cross-checked-case.js';
import { evaluatedBySecond, type SecondAnswer } from './second-engine.js';
import { daysUntil, withDatesShifted, withTimesComplete } from './shifted-dates.js';

/** One finding in which the engines differ, and in what. */
export interface Difference {
  name: string;
  library: string;
  fields: { field: string; ours: unknown; theirs: unknown }[];
}

export interface Engines {
  knowledge: Knowledge;
  server: string;
}

/** Which resources the second engine is given: what gather made of them, or the EHR's own. */
export type Given = 'gathered' | 'raw';

/** Both engines over one record at one moment; an engine that fails altogether differs in everything it should have said. */
export async function differencesOf(each: CrossCheckedCase, given: Given, engines: Engines): Promise<Difference[]> {
  const gathered = await each.gathered();
  for (;;) {
    const begun = new Date();
    const days = daysUntil(begun, each.now);
    const record = withDatesShifted(gathered, days);
    const resources = given === 'raw' ? withDatesShifted(each.raw, days) : readableBySecond(record.resources);
    const libraries = [...engines.knowledge.libraries.keys()];
    const theirs = await evaluatedBySecond(engines.server, libraries, record, resources);
    // Past midnight the two would count days from different ones.
    if (daysUntil(new Date(), begun) > 0) continue;
    return differences(each.name, await oursOf(engines.knowledge, record, begun), theirs, libraries);
  }
}

/**
 * As our record source hands the record to our engine; an order whose medication is still a reference is retrieved by no
 * code, but HAPI cannot even pass it by (see `known-differences`).
 */
function readableBySecond(resources: readonly FhirResource[]): FhirResource[] {
  return withTimesComplete(resources.filter((resource) => !('medicationReference' in resource)));
}

function oursOf(knowledge: Knowledge, record: PatientRecord, now: Date): Promise<Evaluation> {
  return evaluate(knowledge, record, { now, offsetMinutes: 0 });
}

function differences(name: string, ours: Evaluation, theirs: SecondAnswer, libraries: readonly string[]): Difference[] {
  if ('error' in theirs)
    return [{ name, library: '', fields: [{ field: 'error', ours: undefined, theirs: theirs.error }] }];
  return libraries.flatMap((library) => {
    const one = ofFinding(ours.findings.find((finding) => finding.library === library));
    const other = ofParameter(theirs.findings.get(library));
    const fields = differingFields(one, other);
    return fields.length === 0 ? [] : [{ name, library, fields }];
  });
}

function differingFields(ours: Comparable | undefined, theirs: Comparable | undefined): Difference['fields'] {
  if (ours === undefined || theirs === undefined) {
    return ours === theirs ? [] : [{ field: 'applies', ours: ours !== undefined, theirs: theirs !== undefined }];
  }
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...names].flatMap((field) =>
    text(ours[field]) === text(theirs[field]) ? [] : [{ field, ours: ours[field], theirs: theirs[field] }],
  );
}

/** Equal for equal values, whatever the order of their members. */
function text(value: unknown): string {
  return JSON.stringify([sorted(value)]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
