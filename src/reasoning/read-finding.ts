import { z } from 'zod';
import { fhirText } from './fhir-time.js';
import type { Finding } from './finding.js';
import { type NamedFinding, plainFinding } from './plain-finding.js';

const text = z.string().min(1);
const texts = z
  .array(text)
  .nullish()
  .transform((list) => list ?? []);
/** An engine value that prints itself as a FHIR date or dateTime. */
const time = z.custom<{ toString(): string }>(
  (value) => typeof value === 'object' && value !== null && 'isDateTime' in value,
);
const present = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const evidenceLine = z
  .object({
    points: z.int(),
    text,
    shown: present,
    value: z.number().nullish(),
    unit: present,
    date: time.nullish(),
    reference: present,
    limit: z.object({ value: z.number(), unit: text }).nullish(),
    derived: z.boolean(),
  })
  .transform(({ date, limit, ...line }) => ({
    ...line,
    date: date == null ? undefined : fhirText(date),
    limit: limit == null ? undefined : { value: limit.value, unit: limit.unit },
  }));

const findingTuple = z.object({
  kind: z.enum(['cause', 'draft', 'safety', 'insufficient']),
  points: z.int().min(0).max(100),
  evidence: z
    .array(evidenceLine)
    .nullish()
    .transform((list) => list ?? []),
  against: texts,
  missing: texts,
  ignored: texts,
  notes: texts,
  urgency: z.enum(['urgent', 'repeat']).nullish(),
  warning: z.boolean().nullish(),
  tests: texts,
  explains: texts,
  words: z
    .record(z.string(), z.string().nullish())
    .nullish()
    .transform((words) =>
      Object.fromEntries(Object.entries(words ?? {}).flatMap(([name, word]) => (word == null ? [] : [[name, word]]))),
    ),
  gatePassed: z.boolean().nullish(),
  settled: z.boolean().nullish(),
  removable: z
    .array(z.object({ name: text, reference: text }))
    .nullish()
    .transform((list) => list ?? []),
});

/**
 * Reads the tuple a library answered: System values only.
 *
 * @returns undefined when the library does not apply
 * @throws ZodError when the answer has not the shape of a finding
 */
export function readFinding(library: string, answer: unknown): Finding | undefined {
  if (answer === null || answer === undefined) return undefined;
  const finding = { library, id: idOf(library), capped: false };
  const whole = (typeof answer === 'object' ? plainFinding(answer, finding) : undefined) ?? checked(answer, finding);
  const sum = whole.evidence.reduce((total, line) => total + line.points, 0);
  whole.capped = Math.min(Math.max(sum, 0), 100) !== whole.points;
  return whole;
}

function checked(answer: unknown, named: NamedFinding): Finding {
  const tuple = withoutNulls(findingTuple.parse(answer));
  return { ...named, ...tuple, evidence: tuple.evidence.map(withoutNulls), warning: tuple.warning ?? false };
}

const ids = new Map<string, string>();

/** Each name is turned once: there are some fifty of them, whatever is asked. */
function idOf(library: string): string {
  const known = ids.get(library);
  if (known !== undefined) return known;
  const id = kebabCase(library);
  ids.set(library, id);
  return id;
}

/** `UraemicToxins` -> `uraemic-toxins`. */
export function kebabCase(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
}

type Present<T> = {
  [K in keyof T as undefined extends T[K] ? K : null extends T[K] ? K : never]?: NonNullable<T[K]>;
} & {
  [K in keyof T as undefined extends T[K] ? never : null extends T[K] ? never : K]: T[K];
};

/** Absent stays absent: never null, false, zero or ''. */
function withoutNulls<T extends object>(value: T): Present<T> {
  // Exactly the null and undefined members are left out, which is what the type says.
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member != null)) as Present<T>;
}
