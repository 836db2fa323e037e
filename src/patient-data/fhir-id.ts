/** The FHIR id grammar without `.` and `..`, which would change the path of a URL. */
const FHIR_ID = /^(?!\.{1,2}$)[A-Za-z0-9\-.]{1,64}$/;

/** Whether a value of the client's data may stand as the id of a resource, in a reference or in a URL. */
export function isFhirId(value: unknown): value is string {
  return typeof value === 'string' && FHIR_ID.test(value);
}
