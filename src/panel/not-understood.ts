import { isRecord } from '../is-record.js';
import type { ChartEntry } from './chart.js';
import type { Tally } from './tally.js';

/** What a site's codes and units are held against. */
export interface Understanding {
  /** Types of resource that some rule looks at. */
  types: ReadonlySet<string>;
  /** Systems that the value sets of the knowledge use. */
  systems: ReadonlySet<string>;
  /** Whether a value set of the knowledge has the code. */
  isUsed: (coding: { system?: unknown; code?: unknown }) => boolean;
  unitOf: (quantity: Record<string, unknown>) => string | undefined;
  /** Of a drug: whether its words name an ingredient. */
  isNamed: (concept: Record<string, unknown>) => boolean;
}

const LONGEST_WORD = 60;
/**
 * Counts what of a chart the knowledge cannot read: results that it would use but for their unit or their missing number,
 * and what is coded in no system that it knows. That is the list of what a site must map; it holds no value and no date.
 */
export function countNotUnderstood(entries: readonly ChartEntry[], knows: Understanding, tally: Tally): void {
  for (const { resource } of entries) {
    const isMedication = resource.resourceType === 'Medication';
    if (!isMedication && !knows.types.has(resource.resourceType)) continue;
    const drug = isMedication ? resource['code'] : resource['medicationCodeableConcept'];
    const concept = drug ?? resource['code'];
    if (!isRecord(concept)) continue;
    const codings = [concept['coding']].flat().filter(isRecord);
    const used = codings.find(knows.isUsed);
    if (used !== undefined) countUnit(resource, String(used['code']), knows, tally);
    else if (codings.some(({ system }) => knows.systems.has(String(system)))) continue;
    else if (drug === undefined) countCode(resource.resourceType, codings[0], undefined, tally);
    else if (!knows.isNamed(concept)) countCode(resource.resourceType, codings[0], concept['text'], tally);
  }
}

function countUnit(resource: ChartEntry['resource'], code: string, { unitOf }: Understanding, tally: Tally): void {
  if (resource.resourceType !== 'Observation') return;
  const quantity = resource['valueQuantity'];
  if (isRecord(quantity)) {
    if (unitOf(quantity) === undefined) tally.count('unit', code, wordOf(quantity['unit'] ?? quantity['code']));
  } else if (typeof resource['valueString'] === 'string') tally.count('no number', code);
}

/** @param name of a drug as it was written: the code alone often tells nothing */
function countCode(
  resourceType: string,
  coding: Record<string, unknown> | undefined,
  name: unknown,
  tally: Tally,
): void {
  // A free text may say anything of the patient, so it is counted and not shown.
  if (coding === undefined) tally.count('text only', resourceType);
  else {
    const words = [coding['system'], coding['code'], coding['display'] ?? name].map(wordOf);
    tally.count('code', resourceType, ...words);
  }
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_WORD) : '';
}
