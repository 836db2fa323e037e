import { readFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.array(
  z.strictObject({
    /** The line of the mutant as it is listed. */
    mutant: z.string().regex(/ → /),
    /** Why no card can change. */
    reason: z.string().min(20),
  }),
);

/** Mutants that cannot change any card by the rules, with the reason, by their line. */
export function readEquivalentMutants(path: string): ReadonlyMap<string, string> {
  return new Map(schema.parse(JSON.parse(readFileSync(path, 'utf8'))).map(({ mutant, reason }) => [mutant, reason]));
}
