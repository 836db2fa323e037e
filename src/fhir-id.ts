/** The FHIR id grammar (FHIR R4, data type `id`), to stand in patterns. */
export const FHIR_ID = '[A-Za-z0-9\\-.]{1,64}';

/** Without `.` and `..`, which would change the path of a URL. */
export const SAFE_FHIR_ID = new RegExp(`^(?!\\.{1,2}$)${FHIR_ID}$`);

/** Whether a value of the client's data may stand as the id of a resource, in a reference or in a URL. */
export function isFhirId(value: unknown): value is string {
  return typeof value === 'string' && SAFE_FHIR_ID.test(value);
}
