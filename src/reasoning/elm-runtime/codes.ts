import { Code, type CodeService, type ValueSet } from 'cql-execution';
import { CodeMatcher } from '../code-matcher.js';
import type { EngineCode } from '../fhir-object.js';

/** Found when it is first asked for: a value set that does not exist costs only what asks. */
export type Codes = () => CodeMatcher;

export function valueSetIn(codeService: CodeService, url: string, version?: string): Codes {
  let found: CodeMatcher | undefined;
  return () => (found ??= CodeMatcher.ofValueSet(resolved(codeService, url, version)));
}

function resolved(codeService: CodeService, url: string, version?: string): ValueSet {
  const set = codeService.findValueSet(url, version);
  if (set == null) throw new Error(`the value set ${url} does not exist`);
  return set;
}

export function codes(code: string, system: string): Codes {
  const matcher = CodeMatcher.ofCodes([new Code(code, system)]);
  return () => matcher;
}

/** A code that is null is in no value set. */
export function inValueSet(code: unknown, set: Codes): boolean {
  // What is tested is a code, or what the engine makes of it.
  return code == null ? false : set().matches(code as EngineCode);
}
