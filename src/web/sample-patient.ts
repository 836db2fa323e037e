import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirResource } from 'fhir/r4.js';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { ServiceError } from '../errors.js';
import { type SamplePatient, sampleSchema } from './sample-format.js';
import {
  administrationOf,
  conditionOf,
  encounterOf,
  orderOf,
  patientOf,
  procedureOf,
  statementOf,
} from './sample-history.js';
import {
  earlierResults,
  observationOfPressure,
  observationOfResult,
  resourcesOfSession,
} from './sample-measurements.js';
import { finished } from './sample-resource.js';

/**
 * All samples of a folder (`*.yaml`, one patient each), in the order of their file names.
 * Throws `invalid-config` naming the file and the place that is wrong.
 */
export function readSamplePatients(folder: string): SamplePatient[] {
  const samples = namesIn(folder).map((name) => readSamplePatient(join(folder, name), name));
  const ids = samples.map(({ patient }) => patient.id);
  const double = ids.find((id, index) => ids.indexOf(id) !== index);
  if (double !== undefined) throw new ServiceError('invalid-config', `Two sample patients have the id ${double}.`);
  return samples;
}

/** The patient and every resource of the record, with the dates that hold at `now`; the same input gives the same output. */
export function toResources(sample: SamplePatient, now: Date): FhirResource[] {
  const { id } = sample.patient;
  const resources = [
    patientOf(sample),
    ...sample.conditions.map(conditionOf),
    ...sample.results.map(observationOfResult),
    ...sample.pressures.map(observationOfPressure),
    ...sample.sessions.flatMap((session, index) => resourcesOfSession(session, `${id}-session-${index + 1}`, now)),
    ...sample.procedures.map(procedureOf),
    ...sample.medications.map(orderOf),
    ...sample.statements.map(statementOf),
    ...sample.administrations.map(administrationOf),
    ...(sample.encounter === undefined ? [] : [encounterOf(sample.encounter)]),
    // Last, so that the numbers of the others stay.
    ...sample.results.flatMap(earlierResults),
  ];
  return finished(resources, id, now);
}

/** Where and how something departs from its schema, in words: `results.2.at: must be a time`. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  return `${[...(issue?.path ?? []), ...keys].join('.')}: ${issue?.message ?? ''}`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort();
  } catch (cause) {
    throw new ServiceError('invalid-config', 'The folder of the sample patients cannot be read.', { cause });
  }
}

function readSamplePatient(path: string, name: string): SamplePatient {
  const parsed = sampleSchema.safeParse(readYaml(path, name));
  if (parsed.success) return parsed.data;
  throw new ServiceError('invalid-config', `The sample patient ${name} is wrong at ${firstIssue(parsed.error)}`);
}

function readYaml(path: string, name: string): unknown {
  try {
    return parseYaml(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ServiceError('invalid-config', `The sample patient ${name} cannot be read as YAML.`, { cause });
  }
}
