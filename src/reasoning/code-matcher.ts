import { Code, type ValueSet } from 'cql-execution';
import type { EngineCode } from './fhir-object.js';

/** Codes that records are looked for by: of a value set, or single ones. */
export class CodeMatcher {
  readonly #systems = new Map<string, Set<string | undefined>>();
  readonly #engine: (code: unknown) => boolean;

  /** @param engine the engine's own answer, for what is not one code with a system */
  constructor(codes: readonly Code[], engine: (code: unknown) => boolean) {
    this.#engine = engine;
    for (const { code, system } of codes) {
      const systems = this.#systems.get(code);
      if (systems === undefined) this.#systems.set(code, new Set([system]));
      else systems.add(system);
    }
  }

  static ofValueSet(set: ValueSet): CodeMatcher {
    // Typed loosely by the engine.
    return new CodeMatcher(set.codes as Code[], (code) => set.hasMatch(code) as boolean);
  }

  static ofCodes(codes: readonly Code[]): CodeMatcher {
    return new CodeMatcher(codes, (code) => codes.some((each) => each.hasMatch(code)));
  }

  /** Bare, without their systems. */
  get codes(): Iterable<string> {
    return this.#systems.keys();
  }

  /** How many different bare codes there are. */
  get size(): number {
    return this.#systems.size;
  }

  /** Of which systems a code is among them; undefined: of none. */
  systemsOf(code: string): ReadonlySet<string | undefined> | undefined {
    return this.#systems.get(code);
  }

  has(code: string, system: string | undefined): boolean {
    return this.#systems.get(code)?.has(system) ?? false;
  }

  matches(code: EngineCode | undefined): boolean {
    if (code instanceof Code) return this.has(code.code, code.system);
    return this.#engine(code);
  }
}
