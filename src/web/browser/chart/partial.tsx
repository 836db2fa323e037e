import type { ProblemKind, SearchFailure } from '../smart/fill-prefetch.js';

const KINDS: Readonly<Record<ProblemKind, string>> = {
  'not-found': 'not found',
  forbidden: 'not permitted',
  'signed-out': 'the session ended',
  'timed-out': 'no answer in time',
  failed: 'the request failed',
};

const TYPES: Readonly<Record<string, string>> = {
  Observation: 'Results',
  MedicationRequest: 'Medicines',
  MedicationStatement: 'Medication statements',
  MedicationAdministration: 'Administered medicines',
  Condition: 'Problems',
  Procedure: 'Procedures',
  Encounter: 'Encounters',
  Patient: 'The patient',
};

/** What could not be read, and what was left out. */
export function Partial({ failures, foreign }: { failures: readonly SearchFailure[]; foreign: number }) {
  const lines = new Map(
    failures.map(({ resourceType, kind }) => [
      resourceType,
      `${TYPES[resourceType] ?? resourceType} could not be read (${KINDS[kind]}): nothing is said about them.`,
    ]),
  );
  if (lines.size === 0 && foreign === 0) return null;
  return (
    <div class="partial" role="status">
      {[...lines.values()].map((line) => (
        <p>{line}</p>
      ))}
      {foreign > 0 && (
        <p>
          {foreign === 1
            ? '1 resource of another patient was ignored.'
            : `${String(foreign)} resources of another patient were ignored.`}
        </p>
      )}
    </div>
  );
}
