import type { EvidenceLine, Finding } from '../../src/reasoning/finding.js';
import { kebabCase } from '../../src/reasoning/read-finding.js';

/** A cause of 45 points that says nothing further, with these changes. */
export function finding(library: string, changes: Partial<Finding> = {}): Finding {
  return {
    library,
    id: kebabCase(library),
    kind: 'cause',
    points: 45,
    capped: false,
    evidence: [],
    against: [],
    missing: [],
    ignored: [],
    notes: [],
    warning: false,
    tests: [],
    explains: [],
    words: {},
    removable: [],
    ...changes,
  };
}

export function line(changes: Partial<EvidenceLine> = {}): EvidenceLine {
  return { points: 0, text: 'calcium', derived: false, ...changes };
}
