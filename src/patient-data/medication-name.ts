import type { CodeableConcept, FhirResource } from 'fhir/r4.js';
import { INGREDIENT_NAME_SYSTEM } from '../patient-record.js';
import { isPrescription } from './medication-reference.js';

const KNOWN_SYSTEMS = ['http://www.nlm.nih.gov/research/umls/rxnorm', 'http://www.whocc.no/atc'];

// Names of drugs are short: a longer text costs time and says no more.
const LONGEST_TEXT = 1000;
const MOST_DISPLAYS = 100;

/** The resource with its drug, if it has one, recognised by name; see `withIngredientNames`. */
export function withNamedIngredients(resource: FhirResource, ingredientNames: ReadonlySet<string>): FhirResource {
  if (!isPrescription(resource) || !isObject(resource.medicationCodeableConcept)) return resource;
  const concept = withIngredientNames(resource.medicationCodeableConcept, ingredientNames);
  return concept === resource.medicationCodeableConcept
    ? resource
    : { ...resource, medicationCodeableConcept: concept };
}

/**
 * A copy of a drug without any RxNorm or ATC code, with one coding for each ingredient named in its text or displays;
 * the same object when it has such a code or names none.
 * `ingredientNames`: lower case, single spaces, possibly several words. They must not hold names of salts or
 * counter-ions alone: every whole word counts.
 */
export function withIngredientNames(concept: CodeableConcept, ingredientNames: ReadonlySet<string>): CodeableConcept {
  const codings = Array.isArray(concept.coding) ? concept.coding.filter(isObject) : [];
  if (codings.some(isOfKnownSystem)) return concept;
  const texts = [concept.text, ...codings.slice(0, MOST_DISPLAYS).map((coding) => coding.display)].flatMap(readable);
  const found = [...ingredientNames].filter((name) => texts.some((text) => mentions(text, name)));
  if (found.length === 0) return concept;
  return { ...concept, coding: [...codings, ...found.map((code) => ({ system: INGREDIENT_NAME_SYSTEM, code }))] };
}

// The types promise objects and strings; what a client sent may be anything.
function isObject<Value>(value: Value): value is Value & object {
  return typeof value === 'object' && value !== null;
}

function isOfKnownSystem(coding: { system?: unknown; code?: unknown }): boolean {
  const isCoded = typeof coding.code === 'string' && coding.code.trim() !== '';
  return isCoded && KNOWN_SYSTEMS.some((system) => system === coding.system);
}

function readable(text: unknown): string[] {
  if (typeof text !== 'string') return [];
  return [text.slice(0, LONGEST_TEXT).normalize('NFC').toLowerCase().replace(/\s+/gu, ' ')];
}

function mentions(text: string, name: string): boolean {
  if (name === '') return false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (endsBeforeWord(text.slice(at + name.length)) && startsAfterWord(text.slice(0, at))) return true;
  }
  return false;
}

// A combining mark belongs to the letter before it.
function endsBeforeWord(after: string): boolean {
  return !/^[\p{L}\p{N}\p{M}]/u.test(after);
}

function startsAfterWord(before: string): boolean {
  return !/[\p{L}\p{N}\p{M}]$/u.test(before);
}
