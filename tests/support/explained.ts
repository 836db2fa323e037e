import type { FhirResource } from 'fhir/r4.js';
import type { Card } from '../../src/cds-hooks.js';
import { type Folders, FOLDERS } from '../../src/folders.js';
import type { PatientRecord } from '../../src/patient-record.js';
import { readPolicy } from '../../src/policy.js';
import { explain, type Explanation } from '../../src/reasoning/explain.js';
import { loadKnowledge } from '../../src/reasoning/knowledge.js';
import { NOW } from './kidney-patient.js';

export const MOMENT = { now: NOW, offsetMinutes: 0 };
export const KNOWLEDGE = loadKnowledge(FOLDERS);
export const RANKING = readPolicy(`${FOLDERS.cards}/policy.yaml`).ranking;

export function recordOf(resources: FhirResource[], draftsToJudge: string[] = []): PatientRecord {
  const patient = resources.find((resource) => resource.resourceType === 'Patient');
  if (patient === undefined) throw new Error('no patient');
  return { patientId: 'p', patient, resources, ordersInContext: draftsToJudge, draftsToJudge, gaps: [] };
}

/** What is concluded of a record, with cards that only say what they are about. */
export function explained(record: PatientRecord, folders?: Folders): Promise<Explanation> {
  const knowledge = folders === undefined ? KNOWLEDGE : loadKnowledge(folders);
  // What a card looks like is no matter here.
  const render = (cards: readonly { about: string; indicator: string }[]) =>
    cards.map(({ about, indicator }) => ({ summary: about, indicator }) as Card);
  return explain(record, MOMENT, { knowledge, ranking: RANKING, render });
}
