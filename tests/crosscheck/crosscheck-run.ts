import { readFileSync } from 'node:fs';
import type { FhirResource } from 'fhir/r4.js';
import { FOLDERS } from '../../src/folders.js';
import { loadKnowledge } from '../../src/reasoning/knowledge.js';
import { type Difference, differencesOf, type Engines, type Given } from './comparison.js';
import { type CrossCheckedCase, crossCheckedCases } from './cross-checked-case.js';
import { valuesByFirst } from './first-engine.js';
import { EXPLAINED_CASES, FAILS_ON_REFERENCE, KNOWN_DIFFERENCES, REASONS } from './known-differences.js';
import { evaluatedBySecond, loadPackage, valueBySecond } from './second-engine.js';

export interface CrosscheckOptions {
  server: string;
  /** The package as a transaction. */
  transaction: string;
  vignettes: string;
  hooks: string | undefined;
  /** The comparison stops after so long, whatever it has left. */
  seconds: number;
  given: Given;
  say: (line: string) => void;
}

interface Played {
  name: string;
  differences: Difference[];
}

const NOBODY = { patientId: 'nobody', ordersInContext: [], draftsToJudge: [] };
const ORDER_BY_REFERENCE: FhirResource[] = [
  { resourceType: 'Patient', id: 'nobody', birthDate: '1960-01-01' },
  {
    resourceType: 'MedicationRequest',
    id: 'order',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/nobody' },
    medicationReference: { reference: 'Medication/gone' },
  },
];

const DIFFERS = 'DIFFERS';
/** HAPI works on two records at a time; more only wait. */
const AT_ONCE = 2;

/**
 * Compares both engines finding by finding and prints what differs.
 *
 * @returns true when everything agrees or is explained, and every explanation still holds
 */
export async function runCrosscheck(options: CrosscheckOptions): Promise<boolean> {
  const { say, given } = options;
  const knowledge = loadKnowledge(FOLDERS);
  await loadPackage(options.server, readFileSync(options.transaction, 'utf8'));
  const cases = crossCheckedCases(knowledge, options.vignettes, options.hooks);
  const played = await playedWithin(cases, options, { knowledge, server: options.server });
  if (given === 'raw') return toldWithoutGathering(played, cases.length, say);
  const wrong = [...unexplained(played), ...(await changedDifferences(options.server)), ...gone(played)];
  for (const line of wrong.filter((each) => !each.startsWith(DIFFERS))) say(line);
  const agreed = played.filter(({ differences }) => differences.length === 0).length;
  const total = played.length + KNOWN_DIFFERENCES.length + 1;
  say(summary(played, cases.length, agreed));
  const failed = Math.min(new Set(wrong).size, total);
  say(`${total - failed} passed, ${failed} failed`);
  return failed === 0;
}

/** In their order, as far as the time allows; at least one. */
async function playedWithin(
  cases: readonly CrossCheckedCase[],
  { seconds, given, say }: CrosscheckOptions,
  engines: Engines,
): Promise<Played[]> {
  const waiting = [...cases];
  const played: Played[] = [];
  const begun = performance.now();
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
      const now = { name: each.name, differences: await differencesOf(each, given, engines) };
      played.push(now);
      if (given === 'gathered') unexplained([now]).forEach(say);
      if (performance.now() - begun > seconds * 1000) return;
    }
  });
  await Promise.all(workers);
  return played;
}

function unexplained(played: readonly Played[]): string[] {
  return played
    .flatMap(({ differences }) => differences)
    .filter((difference) => reasonOf(difference) === undefined)
    .map(
      ({ name, library, fields }) =>
        `${DIFFERS} ${name}: ${library}\n${fields
          .map(({ field, ours, theirs }) => `  ${field}\n    ours   ${text(ours)}\n    theirs ${text(theirs)}`)
          .join('\n')}`,
    );
}

function reasonOf({ name, library }: Difference) {
  return EXPLAINED_CASES.find((each) => each.name === name && each.library === library)?.reason;
}

/** Explanations of cases that were played and agree. */
function gone(played: readonly Played[]): string[] {
  return EXPLAINED_CASES.filter(({ name, library }) => {
    const differences = played.find((each) => each.name === name)?.differences;
    return differences !== undefined && !differences.some((each) => each.library === library);
  }).map(({ name, library }) => `AGREES NOW, take it out of the list: ${name}: ${library}`);
}

async function changedDifferences(server: string): Promise<string[]> {
  const ours = await valuesByFirst(KNOWN_DIFFERENCES.map(({ cql }) => cql));
  const changed: string[] = [];
  for (const [index, known] of KNOWN_DIFFERENCES.entries()) {
    const theirs = await valueBySecond(server, known.cql);
    if (ours[index] === known.ours && theirs === known.theirs) continue;
    changed.push(`CHANGED ${known.cql}: ours ${text(ours[index])}, theirs ${text(theirs)}`);
  }
  const withReference = await evaluatedBySecond(server, ['StatinMyopathy'], NOBODY, ORDER_BY_REFERENCE);
  if (!('error' in withReference) || withReference.error !== FAILS_ON_REFERENCE) {
    changed.push(
      `CHANGED an order by reference: theirs ${text('error' in withReference ? withReference.error : 'is evaluated')}`,
    );
  }
  return changed;
}

function summary(played: readonly Played[], all: number, agreed: number): string {
  const explained = played.flatMap(({ differences }) => differences.flatMap((each) => reasonOf(each) ?? []));
  const reasons = Object.entries(REASONS).map(([reason, why]) => {
    const count = explained.filter((each) => each === reason).length;
    return `  ${String(count).padStart(5)} findings: ${why}`;
  });
  const known = KNOWN_DIFFERENCES.map(
    ({ cql, ours, theirs, bySpecification, consequence }) =>
      `  ${cql}: ours ${text(ours)}, theirs ${text(theirs)}, by the specification ${bySpecification}. ${consequence}`,
  );
  return [
    `${agreed} of ${played.length} records agree in every finding (${all} there are)`,
    'Explained:',
    ...reasons,
    'Known differences of the engines:',
    ...known,
  ].join('\n');
}

/** What a site loses that evaluates its records as they are. */
function toldWithoutGathering(played: readonly Played[], all: number, say: (line: string) => void): boolean {
  const counts = new Map<string, number>();
  for (const { differences } of played) {
    for (const lost of new Set(differences.flatMap(lossesOf))) counts.set(lost, (counts.get(lost) ?? 0) + 1);
  }
  const agreed = played.filter(({ differences }) => differences.length === 0).length;
  say(
    `Without gathering ${agreed} of ${played.length} records give the same findings (${all} there are). Of the others:`,
  );
  const rows = [...counts].sort(([, one], [, other]) => other - one);
  for (const [lost, count] of rows) say(`${String(count).padStart(6)}  ${lost}`);
  return true;
}

function lossesOf({ library, fields }: Difference): string[] {
  return fields.flatMap(({ field, ours, theirs }) => {
    if (field === 'error') return [`not evaluated at all: ${text(theirs).slice(0, 160)}`];
    if (field === 'applies') return [ours === true ? `${library} is not found` : `${library} is found wrongly`];
    return field === 'points' ? [`${library} has other points`] : [`${library}: other ${field}`];
  });
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
