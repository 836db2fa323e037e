import { join } from 'node:path';
import type { CardTemplate } from '../../src/cards/card-template.js';
import { parseText } from '../../src/cards/template-text.js';
import type { CardWording } from '../../src/cards/card-wording.js';
import type { CardParts } from '../../src/cards/render-card.js';
import { FOLDERS } from '../../src/folders.js';
import { readPolicy } from '../../src/policy.js';
import type { CardAdvice, RankedFinding } from '../../src/reasoning/advice.js';
import type { Finding } from '../../src/reasoning/finding.js';
import { finding } from './finding.js';

/** The wording of the knowledge, with what tests write out made fixed. */
export const WORDING: CardWording = withFixedWords(readPolicy(join(FOLDERS.cards, 'policy.yaml')).wording);

function withFixedWords(wording: CardWording): CardWording {
  return {
    ...wording,
    lead: 'Cramp',
    'urgent-lead': 'Urgent',
    capped: 'limited',
    gaps: {
      'not-had': 'Not checked: {{what}} ({{reason}})',
      incomplete: 'Partly checked: {{what}}',
      unreadable: '{{count}} of {{what}} unreadable',
      foreign: '{{count}} of another patient',
      'medication-unresolved': '{{count}} drugs unknown',
      failed: 'Not run: {{library}}',
    },
    reasons: { 'not-provided': 'not sent', failed: 'failed', 'not-permitted': 'forbidden', 'timed-out': 'too late' },
    'resource-types': { Condition: 'problem list', Observation: 'results' },
    'override-reasons': {
      system: 'urn:test:reason',
      reasons: [
        { code: 'data-wrong', display: 'The data are wrong' },
        { code: 'patient-declined', display: 'Patient declined' },
      ],
    },
    tests: {
      ...wording.tests,
      system: 'http://loinc.org',
      'at-most': 5,
      reason: 'Cramp',
      'counted-as-one': [['17861-6', '1751-7']],
      names: { '17861-6': 'total calcium', '1751-7': 'albumin', '2731-8': 'PTH' },
    },
  };
}

/** The card of a loop diuretic: a title, a summary with a drug and a value, and one line per section. */
export const TEMPLATE: CardTemplate = {
  library: 'Loop',
  title: 'A loop diuretic',
  summaries: [
    parseText('{{lead}}: {{drug…}} may be lowering calcium ({{calcium}})'),
    parseText('{{lead}}: a diuretic'),
  ],
  urgent: parseText('Act now: calcium {{calcium}}'),
  repeat: parseText('Repeat today'),
  sections: {
    'can-be-done': [parseText('Review {{drug}}'), parseText('[[Stage {{stage}}]]')],
    'not-suggested': [parseText('No order')],
    evidence: [parseText('Weak')],
  },
  handouts: [],
};

export function cardParts(changes: Partial<CardParts> = {}): CardParts {
  let count = 0;
  return {
    templates: new Map([[TEMPLATE.library, TEMPLATE]]),
    wording: WORDING,
    today: '2026-05-17',
    version: '1.2.3',
    patientId: 'p',
    publicBaseUrl: 'https://cds.example.org',
    ordered: new Set(),
    siteOrders: new Map(),
    newId: () => `id-${++count}`,
    ...changes,
  };
}

export function rankedFinding(library: string, changes: Partial<Finding> = {}): RankedFinding {
  const found = finding(library, changes);
  return { ...found, likelihood: found.points >= 60 ? 'likely' : 'possible' };
}

export function cardAdvice(findings: RankedFinding[], changes: Partial<CardAdvice> = {}): CardAdvice {
  return { about: 'causes', indicator: 'info', findings, others: [], gaps: [], failed: [], tests: [], ...changes };
}
