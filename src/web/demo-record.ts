import type { FhirResource, Patient } from 'fhir/r4.js';
import type { SamplePatient } from './sample-format.js';
import { toResources } from './sample-patient.js';

/** A patient of the demo endpoint, and what the picker says of them. */
export interface DemoRecord {
  patient: Patient;
  /** What the patient is good for, in a sentence. */
  title: string;
  about?: string;
  /** The instant the record is seen from; absent: now. */
  seenFrom?: string;
  /** A cramp has to be added for the demonstration. */
  lacksCramp: boolean;
  /** Who made it and under which terms; absent: we did. */
  source?: string;
  /** The patient too. */
  resources: FhirResource[];
}

/** A sample of ours, with the dates that hold at `now`. */
export function recordOfSample(sample: SamplePatient, now: Date): DemoRecord {
  const resources = toResources(sample, now);
  // The first resource of a sample is its patient.
  const patient = resources[0] as Patient;
  const { title, about } = sample;
  return { patient, title, ...(about === undefined ? {} : { about }), lacksCramp: false, resources };
}
