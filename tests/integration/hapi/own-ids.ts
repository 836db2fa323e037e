import type { FhirResource } from 'fhir/r4.js';
import type { Case } from '../../vignettes/case-file.js';
import type { Played } from '../../vignettes/hook-client.js';

/**
 * The same case under ids that no other has, so that one server can hold the records of all; drafts are not stored, and
 * keep theirs.
 */
export function underIdsOf(patientId: string, played: Case, { record, drafts }: Played) {
  const ids = record.map(({ resourceType }, index) =>
    resourceType === 'Patient' ? patientId : `${patientId}-${index}`,
  );
  const references = new Map(
    record.map((each, index) => [addressOf(each), `${each.resourceType}/${ids[index] ?? ''}`]),
  );
  const follow = <Value>(value: Value): Value =>
    // A copy of the same shape, with other references.
    JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
      key === 'reference' ? (references.get(String(inner)) ?? inner) : inner,
    ) as Value;
  return {
    played: { ...played, patient: { ...played.patient, id: patientId }, besideDrafts: follow(played.besideDrafts) },
    resources: {
      record: record.map((resource, index): FhirResource => ({ ...follow(resource), id: ids[index]! })),
      drafts: follow(drafts),
    },
  };
}

function addressOf({ resourceType, id }: FhirResource): string {
  return `${resourceType}/${id ?? ''}`;
}
