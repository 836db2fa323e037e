/** Where an engine departs from the CQL specification, shown by the smallest expression that does it. */
export interface KnownDifference {
  cql: string;
  /** What the specification says the value is, and where. */
  bySpecification: string;
  source: string;
  ours: string | null;
  theirs: string | null;
  /** How the knowledge or the harness gets round it. */
  consequence: string;
}

/** A value of null is written null. An entry that no longer holds fails the run: take it out, and what it is the reason for. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    cql: 'null is System.Integer',
    bySpecification: 'false',
    source: 'CQL 1.5.3, appendix B, Is; cqframework/cql-engine issue 536',
    ours: 'false',
    theirs: null,
    consequence: 'HAPI is wrong. The knowledge takes no such answer for granted.',
  },
  {
    cql: '@2026-11-23T16:00:00Z = @2026-11-23T16:00:00.000Z',
    bySpecification: 'true',
    source: "CQL 1.5.3, Author's Guide, Date, DateTime, and Time: seconds and milliseconds are one precision",
    ours: 'true',
    theirs: null,
    consequence:
      'HAPI is wrong: a time on a bound is lost when one of the two has no milliseconds. Our record source completes times.',
  },
  {
    cql: '100 / (8 / 24)',
    bySpecification: '300.000003',
    source: 'CQL 1.5.3, appendix B, Decimal: 8 digits after the point',
    ours: '300',
    theirs: '300.000003',
    consequence: 'Ours is wrong (numbers of JavaScript). The knowledge multiplies before it divides.',
  },
  {
    cql: 'ToString(8.0)',
    bySpecification: '8.0',
    source: 'CQL 1.5.3, appendix B, ToString: (-)?#0.0#',
    ours: '8',
    theirs: '8.0',
    consequence: 'Ours is wrong (numbers of JavaScript). The knowledge counts decimals itself.',
  },
];

/**
 * By the specification a retrieve by code passes by an order whose medication is a Reference; HAPI fails altogether, so such
 * orders are not shown to it. Its own words; when it no longer says them, show it the orders again.
 */
export const FAILS_ON_REFERENCE = 'Unable to extract codes from fhirType Reference';

/** Differences of a case that are understood; the reason stands once. */
export const REASONS = {
  'row-order':
    'CQL gives rows no order but that of a sort, and equal keys none. Our record source has one (issued later, corrected, id), HAPI that of a hash table.',
} as const;

export interface ExplainedCase {
  /** Name of the case, and of the library whose finding differs. */
  name: string;
  library: string;
  reason: keyof typeof REASONS;
}

export const EXPLAINED_CASES: readonly ExplainedCase[] = [
  {
    name: 'LowCalciumPhosphateRetention: Of results of the same time the later issued counts, then the lowest calcium: the lower was issued later',
    library: 'LowCalciumPhosphateRetention',
    reason: 'row-order',
  },
  {
    name: 'LowCalciumPhosphateRetention: Of results of the same time the later issued counts, then the lowest calcium: the lower was issued later',
    library: 'LowCalciumUnclassified',
    reason: 'row-order',
  },
];
