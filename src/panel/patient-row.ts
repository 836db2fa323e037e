import { z } from 'zod';
import type { Card, Indicator } from '../cds-hooks.js';
import type { ServiceError } from '../errors.js';

const FINDINGS = 'org.renal-cramp-cds.findings';
const URGENT_FIRST: readonly Indicator[] = ['critical', 'warning', 'info'];

const finding = z.object({
  id: z.string(),
  points: z.number(),
  likelihood: z.enum(['likely', 'possible']),
  capped: z.boolean().optional(),
  evidence: z.array(z.object({ text: z.string(), points: z.number() })).default([]),
  against: z.array(z.string()).default([]),
  missing: z.array(z.string()).default([]),
});
const findings = z.array(finding);

export type RowFinding = z.infer<typeof finding>;

export interface Test {
  code: string;
  name: string;
}

/** What the chart of one patient would show. */
export interface PatientRow {
  patient: string;
  /** The instant the record was judged at. */
  asOf: string;
  /** The most urgent card's indicator; null: nothing to say. */
  card: Indicator | null;
  summary: string | null;
  /** The first cause shown; a finding that is no cause only where there is none. */
  top: Pick<RowFinding, 'id' | 'points' | 'likelihood'> | null;
  findings: RowFinding[];
  missing: string[];
  tests: Test[];
}

/** A record that could not be judged. */
export interface BadRow {
  patient: string | null;
  /** File, or fingerprint of the line. */
  source: string;
  error: { code: string; message: string };
}

export type Row = PatientRow | BadRow;

/** The line of the worklist that the cards of one patient make; what could not be checked stands on it as on the card. */
export function patientRow(
  patient: string,
  asOf: Date,
  cards: readonly Card[],
  notChecked: readonly string[],
): PatientRow {
  const shown = cards.flatMap(findingsOf);
  const first = shown.find(({ points }) => points > 0) ?? shown[0];
  return {
    patient,
    asOf: asOf.toISOString(),
    card: mostUrgent(cards) ?? null,
    summary: cards[0]?.summary ?? null,
    top: first === undefined ? null : { id: first.id, points: first.points, likelihood: first.likelihood },
    findings: shown,
    missing: [...new Set([...shown.flatMap(({ missing }) => missing), ...(cards.length === 0 ? [] : notChecked)])],
    tests: cards.flatMap(testsOf),
  };
}

export function badRow(patient: string | undefined, source: string, { code, message }: ServiceError): BadRow {
  return { patient: patient ?? null, source, error: { code, message } };
}

export function isBad(row: Row): row is BadRow {
  return 'error' in row;
}

/** Ids of what a card says, most important first. */
export function findingsOf(card: Card): RowFinding[] {
  return findings.parse(card.extension?.[FINDINGS] ?? []);
}

export function mostUrgent(cards: readonly Card[]): Indicator | undefined {
  return URGENT_FIRST.find((indicator) => cards.some((card) => card.indicator === indicator));
}

/** Place of an indicator, the most urgent first; silence last. */
export function urgencyOf(indicator: Indicator | null): number {
  return indicator === null ? URGENT_FIRST.length : URGENT_FIRST.indexOf(indicator);
}

function testsOf({ suggestions = [] }: Card): Test[] {
  const actions = suggestions.flatMap((suggestion) => suggestion.actions ?? []);
  return actions.flatMap((action) => {
    const resource = action.type === 'create' ? action.resource : undefined;
    const [coding] = resource?.resourceType === 'ServiceRequest' ? (resource.code?.coding ?? []) : [];
    return coding?.code === undefined ? [] : [{ code: coding.code, name: coding.display ?? coding.code }];
  });
}
