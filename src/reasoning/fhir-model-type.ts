/** One element of a FHIR type, as the JSON format writes it. */
export interface FhirElement {
  /** Names of the FHIR types it may have, or `System.…` for the value inside a primitive. */
  types: readonly string[];
  /** Repeats: a JSON array. */
  list?: true;
  /** A choice (`value[x]`): the JSON name carries the type (`valueQuantity`). */
  choice?: true;
}

/** One FHIR type: a resource, a data type, a backbone element or a primitive. */
export interface FhirType {
  base?: string;
  /** Own elements only; the rest stands at the base type. */
  elements: Readonly<Record<string, FhirElement>>;
}

/** The FHIR types the knowledge can reach, written to `dist` by the build and loaded once at start. */
export interface FhirModel {
  /** FHIR release, `4.0.1`. */
  version: string;
  types: Readonly<Record<string, FhirType>>;
}
