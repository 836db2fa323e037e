import type { FhirResource } from 'fhir/r4.js';
import type { CodeMatcher } from './code-matcher.js';
import { type ElementPlan, isJsonObject, type JsonObject } from './fhir-object-type.js';
import type { EngineCode } from './fhir-object.js';

/** What a record is asked about the code of one of its resources, where its JSON alone does not tell. */
export type CodeOf = (position: number) => EngineCode;

/** One code a resource bears. */
export interface Bearer {
  position: number;
  system: string | undefined;
}

/**
 * Which resources of one type bear which code at one element, read off their JSON: only what is asked for is ever
 * wrapped for the engine.
 */
export class CodeIndex {
  /** All that are borne, by resources whose code is a CodeableConcept. */
  readonly codes: readonly string[];
  readonly #bearers = new Map<string, Bearer[]>();
  /** Positions of resources whose code is no CodeableConcept: the engine looks at each of them. */
  readonly #others: number[] = [];
  readonly #codeOf: CodeOf;
  /** The number of the search that last found the resource at a position. */
  readonly #foundIn: Uint32Array;
  #searches = 0;

  /**
   * @param codeOf asked for what is no plain CodeableConcept
   * @param limit leaves out bearers of one code that nothing looks at
   */
  constructor(
    resources: readonly FhirResource[],
    element: ElementPlan | undefined,
    codeOf: CodeOf,
    limit: (bearers: Bearer[], code: string) => Bearer[] = (bearers) => bearers,
  ) {
    this.#codeOf = codeOf;
    resources.forEach((resource, position) => {
      // A resource is JSON, whatever its type says of it.
      const concept = element && conceptIn(resource as unknown as JsonObject, element);
      if (concept === undefined) this.#others.push(position);
      else this.#add(concept, position);
    });
    for (const [code, bearers] of this.#bearers) this.#bearers.set(code, limit(bearers, code));
    this.codes = [...this.#bearers.keys()];
    this.#foundIn = new Uint32Array(resources.length);
  }

  #add({ coding }: JsonObject, position: number): void {
    if (!Array.isArray(coding)) return;
    for (const each of coding as unknown[]) {
      if (!isJsonObject(each) || typeof each['code'] !== 'string') continue;
      const bearer = { position, system: typeof each['system'] === 'string' ? each['system'] : undefined };
      const known = this.#bearers.get(each['code']);
      if (known === undefined) this.#bearers.set(each['code'], [bearer]);
      else known.push(bearer);
    }
  }

  /** Whether what bears none of the codes may be found all the same. */
  get hasOthers(): boolean {
    return this.#others.length > 0;
  }

  /**
   * Positions of the resources that bear one of the codes, each once.
   *
   * @param among those of the codes that are borne; found out when absent
   */
  positionsOf(codes: CodeMatcher, among?: readonly string[]): number[] {
    const found: number[] = [];
    this.#searches += 1;
    // Through the shorter of the two: a value set of a hundred codes, or the few codes of a short record.
    for (const code of among ?? (codes.size < this.codes.length ? codes.codes : this.codes)) {
      const systems = codes.systemsOf(code);
      if (systems !== undefined) this.#findBearers(code, systems, found);
    }
    for (const position of this.#others) if (codes.matches(this.#codeOf(position))) found.push(position);
    return found;
  }

  #findBearers(code: string, systems: ReadonlySet<string | undefined>, found: number[]): void {
    for (const { position, system } of this.#bearers.get(code) ?? []) {
      if (this.#foundIn[position] === this.#searches || !systems.has(system)) continue;
      this.#foundIn[position] = this.#searches;
      found.push(position);
    }
  }
}

/** The CodeableConcept at an element; none (`{}`) where nothing stands, undefined where something else does. */
function conceptIn(json: JsonObject, { list, choices }: ElementPlan): JsonObject | undefined {
  if (list) return undefined;
  for (const { jsonName, extraName, type } of choices) {
    const value = json[jsonName];
    if (value === undefined && json[extraName] === undefined) continue;
    return typeof type === 'object' && type.name === 'CodeableConcept' && isJsonObject(value) ? value : undefined;
  }
  return {};
}
