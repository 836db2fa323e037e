/** The project's sample patients, from the build: their dates count back from the moment they are loaded. */
import { join } from 'node:path';
import { readSamplePatients, toResources } from '../../dist/web/sample-patient.js';

const FOLDER = join(import.meta.dirname, '../../src/web/samples');

/** One collection per patient, named by the patient's id. */
export function sampleBundles(now) {
  return readSamplePatients(FOLDER).map((sample) => ({
    name: sample.patient.id,
    resource: {
      resourceType: 'Bundle',
      type: 'collection',
      entry: toResources(sample, now).map((resource) => ({ resource })),
    },
  }));
}

/** Ids and titles, in the order of the files. */
export function sampleTitles() {
  return readSamplePatients(FOLDER).map(({ patient, title }) => ({ id: patient.id, title }));
}
