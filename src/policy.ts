import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { cardWordingSchema } from './cards/card-wording.js';
import { ServiceError } from './errors.js';
import { withOwnTexts } from './own-texts.js';
import { rankingPolicySchema } from './reasoning/ranking-policy.js';

const policySchema = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  ranking: rankingPolicySchema,
  wording: cardWordingSchema,
  services: z.strictObject({
    title: z.string().min(1),
    description: z.string().min(1),
    'usage-requirements': z.string().min(1),
  }),
});

/** `cards/policy.yaml`: how findings become cards, and the words no single cause owns. */
export type Policy = z.infer<typeof policySchema>;

/** @throws ServiceError `invalid-knowledge` naming the first place that is wrong */
export function readPolicy(path: string): Policy {
  const result = policySchema.safeParse(readYaml(path));
  if (result.success) return withOwnTexts(result.data);
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new ServiceError('invalid-knowledge', `cards/policy.yaml is wrong at "${place}": ${issue?.message ?? ''}`);
}

/**
 * A misspelt library would silently lose its place.
 *
 * @param libraries the knowledge libraries by name
 * @throws ServiceError `invalid-knowledge` naming the library that is not among them
 */
export function refuseUnknownLibraries({ ranking }: Policy, libraries: ReadonlyMap<string, unknown>): void {
  const exceptions = Object.entries(ranking.unless);
  const named = [
    ...ranking['leads-the-cause-card'],
    ranking['last-resort'],
    ...ranking['info-only'],
    ...ranking['tie-order'],
    ...exceptions.flatMap(([library, { fits = [], of = [] }]) => [library, ...fits, ...of]),
  ];
  const unknown = named.find((library) => !libraries.has(library));
  if (unknown === undefined) return;
  throw new ServiceError(
    'invalid-knowledge',
    `cards/policy.yaml names ${unknown}, which is no library of the knowledge.`,
  );
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ServiceError('invalid-knowledge', 'cards/policy.yaml cannot be read as YAML.', { cause });
  }
}
