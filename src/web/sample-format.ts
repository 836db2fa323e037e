import { z } from 'zod';
import { isTime } from './relative-time.js';

/** Code systems by the name an entry uses for them. */
export const SYSTEMS = {
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  icd9: 'http://hl7.org/fhir/sid/icd-9-cm',
  pcs: 'http://www.cms.gov/Medicare/Coding/ICD10',
  hcpcs: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  atc: 'http://www.whocc.no/atc',
  session: 'urn:renal-cramp-cds:dialysis-session',
} as const;

const time = z
  .string('must be a time such as "5 days ago" or a date')
  .refine(isTime, 'must be a time such as "5 days ago", "2 days ago at 08:00" or a date');
const id = z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/, 'must be a FHIR id');
/** What the short form cannot say: merged into the resource; null removes, a relative time becomes absolute. */
const fhir = z.record(z.string(), z.unknown()).exactOptional();
const code = z.union([z.string(), z.number()], 'must be a code').transform(String);
const codes = {
  icd10: code.exactOptional(),
  icd9: code.exactOptional(),
  pcs: code.exactOptional(),
  hcpcs: code.exactOptional(),
  snomed: code.exactOptional(),
  loinc: code.exactOptional(),
  rxnorm: code.exactOptional(),
  atc: code.exactOptional(),
  session: code.exactOptional(),
} satisfies Record<keyof typeof SYSTEMS, z.ZodType>;
/** Without any code an entry has its text alone. */
const concept = { ...codes, display: z.string().min(1) };
const coded = { ...concept, id: id.exactOptional(), fhir };
const number = z.number('must be a number');

const patient = z.strictObject({
  id,
  name: z.string().regex(/^\S+ \S.*$/, 'must be a given and a family name'),
  gender: z.enum(['female', 'male', 'other', 'unknown']),
  /** Years. */
  age: number.exactOptional(),
  /** Instead of the age, where the birthday matters. */
  born: time.exactOptional(),
  fhir,
});

const condition = z.strictObject({
  ...coded,
  recorded: time.exactOptional(),
  onset: time.exactOptional(),
  /** Clinical status; `none` leaves it out. */
  status: z.string().default('active'),
  verification: z.string().default('confirmed'),
});

const result = z.strictObject({
  ...coded,
  value: number.exactOptional(),
  /** UCUM code. */
  unit: z.string().exactOptional(),
  comparator: z.enum(['<', '<=', '>=', '>']).exactOptional(),
  /** Ends of the laboratory's reference range, in the unit of the value. */
  low: number.exactOptional(),
  high: number.exactOptional(),
  /** Results before this one: value by days before its `at`, which must be so long ago. */
  earlier: z.record(z.string().regex(/^\d+$/, 'must be a number of days'), number).exactOptional(),
  at: time.exactOptional(),
  status: z.string().default('final'),
});

const pressure = z.strictObject({
  systolic: number,
  /** With it the two travel as one panel. */
  diastolic: number.exactOptional(),
  position: z.enum(['sitting', 'lying', 'standing']).exactOptional(),
  at: time,
  fhir,
});

/** A haemodialysis session and what was measured before, during and after it. */
const session = z.strictObject({
  id: id.exactOptional(),
  ended: time,
  hours: number,
  /** Systolic pressures, mm[Hg]. */
  before: number.exactOptional(),
  during: number.exactOptional(),
  after: number.exactOptional(),
  /** mL. */
  ultrafiltration: number.exactOptional(),
  /** mL/h/kg, as the machine reports it. */
  rate: number.exactOptional(),
  /** kg. */
  weightAfter: number.exactOptional(),
  dryWeight: number.exactOptional(),
  status: z.string().default('completed'),
  fhir,
});

const order = z.strictObject({
  ...coded,
  authored: time.exactOptional(),
  /** End of the validity period. */
  until: time.exactOptional(),
  status: z.string().default('active'),
  intent: z.string().default('order'),
  reason: z.strictObject(concept).exactOptional(),
  /** One dosage instruction: so many milligrams, so many times in a period. */
  dose: z
    .strictObject({
      mg: number,
      times: number.default(1),
      period: number.default(1),
      unit: z.enum(['h', 'd', 'wk', 'mo']).default('d'),
    })
    .exactOptional(),
});

const statement = z.strictObject({
  ...coded,
  since: time.exactOptional(),
  until: time.exactOptional(),
  status: z.string().default('active'),
});

const administration = z.strictObject({ ...coded, given: time, status: z.string().default('completed') });

const procedure = z.strictObject({
  ...coded,
  at: time.exactOptional(),
  from: time.exactOptional(),
  to: time.exactOptional(),
  status: z.string().default('completed'),
});

const encounter = z.strictObject({
  id: id.exactOptional(),
  started: time,
  status: z.string().default('in-progress'),
  reason: z.strictObject(concept).exactOptional(),
  fhir,
});

/** A patient whose dates are relative to "now". */
export const sampleFields = {
  /** A sentence. */
  title: z.string().min(1),
  /** What the patient is to show. */
  about: z.string().exactOptional(),
  patient,
  conditions: z.array(condition).default([]),
  results: z.array(result).default([]),
  pressures: z.array(pressure).default([]),
  sessions: z.array(session).default([]),
  medications: z.array(order).default([]),
  statements: z.array(statement).default([]),
  administrations: z.array(administration).default([]),
  procedures: z.array(procedure).default([]),
  encounter: encounter.exactOptional(),
  /** Unsigned orders: part of the context of an order hook, not of the record. */
  drafts: z.array(order).default([]),
};

export const conceptSchema = z.strictObject(concept);
export type Concept = z.infer<typeof conceptSchema>;

export const sampleSchema = z.strictObject(sampleFields);
export type SamplePatient = z.infer<typeof sampleSchema>;
