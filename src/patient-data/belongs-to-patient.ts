import type { FhirResource } from 'fhir/r4.js';
import { FHIR_ID, isFhirId } from '../fhir-id.js';
import { isRecord } from '../is-record.js';

/** The types of resource that have this element at the top. */
type TypesWith<Element extends string, Resource = FhirResource> = Resource extends { resourceType: infer Type }
  ? Element extends keyof Resource
    ? Type
    : never
  : never;

/** Which element says whose resource it is. A type that is not listed is nobody's. Source: FHIR R4 compartment Patient. */
const typesByElement = {
  subject: [
    'AdverseEvent',
    'CarePlan',
    'CareTeam',
    'ChargeItem',
    'ClinicalImpression',
    'Communication',
    'CommunicationRequest',
    'Composition',
    'Condition',
    'DeviceRequest',
    'DeviceUseStatement',
    'DiagnosticReport',
    'DocumentManifest',
    'DocumentReference',
    'Encounter',
    'Flag',
    'Goal',
    'GuidanceResponse',
    'ImagingStudy',
    'Invoice',
    'List',
    'Media',
    'MedicationAdministration',
    'MedicationDispense',
    'MedicationRequest',
    'MedicationStatement',
    'Observation',
    'Procedure',
    'QuestionnaireResponse',
    'RequestGroup',
    'RiskAssessment',
    'ServiceRequest',
    'Specimen',
  ] satisfies TypesWith<'subject'>[],
  patient: [
    'AllergyIntolerance',
    'BodyStructure',
    'Claim',
    'ClaimResponse',
    'Consent',
    'DetectedIssue',
    'Device',
    'EpisodeOfCare',
    'ExplanationOfBenefit',
    'FamilyMemberHistory',
    'Immunization',
    'ImmunizationEvaluation',
    'ImmunizationRecommendation',
    'MolecularSequence',
    'NutritionOrder',
    'RelatedPerson',
    'SupplyDelivery',
    'VisionPrescription',
  ] satisfies TypesWith<'patient'>[],
  beneficiary: ['Coverage'] satisfies TypesWith<'beneficiary'>[],
  individual: ['ResearchSubject'] satisfies TypesWith<'individual'>[],
  candidate: ['EnrollmentRequest'] satisfies TypesWith<'candidate'>[],
  for: ['Task'] satisfies TypesWith<'for'>[],
};

const typesAboutNobody: ReadonlySet<unknown> = new Set([
  'HealthcareService',
  'Location',
  'OperationOutcome',
  'Organization',
  'Practitioner',
  'PractitionerRole',
] satisfies FhirResource['resourceType'][]);

/** Types that stand beside a patient's resources, with no one element that says whose they are. */
const otherTypes = [
  'Appointment',
  'Binary',
  'Endpoint',
  'Group',
  'Medication',
  'MedicationKnowledge',
  'Patient',
  'Provenance',
  'Substance',
  'SupplyRequest',
] satisfies FhirResource['resourceType'][];

const patientElements = Object.keys(typesByElement);
const elementOfType = new Map(
  Object.entries(typesByElement).flatMap(([element, types]) => types.map((type): [string, string] => [type, element])),
);

const patientReference = new RegExp(`^(?:https?://.*/)?Patient/(${FHIR_ID})(?:/_history/${FHIR_ID})?$`);
const versionSuffix = new RegExp(`/_history/${FHIR_ID}$`);
const knownTypes: ReadonlySet<unknown> = new Set([...elementOfType.keys(), ...typesAboutNobody, ...otherTypes]);
const noAliases: ReadonlySet<string> = new Set();

/**
 * Tells whether a resource is of this patient; in doubt it is not, because a lab of somebody else is worse than none.
 *
 * A Patient is told by its id, a Medication is needed and about nobody, any other type by its patient reference; when
 * more than one such element is there, each must name this patient.
 * - ours: `Patient/<id>`, `<fhirServer>/Patient/<id>`, either with `/_history/<version>`, and whatever is in `aliases`;
 * - not ours: no reference at all, an identifier or display only, and an absolute URL while `fhirServer` is not known
 *   (ids are unique on one server only);
 * - not ours: an Observation whose `focus` is another patient (a donor, a child), whoever its subject is;
 * - not ours: a contained Patient, whatever its id (`#p1` is a name within its container, not the id of a patient).
 *
 * @param fhirServer base URL of the server `patientId` is an id of, with or without a slash at the end
 * @param aliases references that mean this patient, compared as they stand: for instance the fullUrl (`urn:uuid:…`) of
 *   the Patient's own Bundle entry
 */
export function belongsToPatient(
  resource: FhirResource,
  patientId: string,
  fhirServer?: string,
  aliases: ReadonlySet<string> = noAliases,
): boolean {
  return isFhirId(patientId) && isOfPatient(resource, patientId, namesOfPatient(patientId, fhirServer), aliases);
}

function isOfPatient(
  resource: FhirResource,
  patientId: string,
  names: readonly string[],
  aliases: ReadonlySet<string>,
): boolean {
  if (!isRecord(resource)) return false;
  if (resource['resourceType'] === 'Patient') return resource['id'] === patientId;
  for (const element of patientElements) {
    const reference = resource[element];
    if (isPresent(reference) && !isReferenceTo(names, aliases, reference)) return false;
  }
  if (resource['resourceType'] === 'Observation' && isPresent(resource['focus'])) {
    const isAboutAnother = (focus: unknown) => isReferenceToPatient(focus) && !isReferenceTo(names, aliases, focus);
    if ([resource['focus']].flat().some(isAboutAnother)) return false;
  }
  return resource['resourceType'] === 'Medication' || hasItsPatientElement(resource);
}

/**
 * Splits off what is not of this patient; `own` keeps the order.
 * `foreign` counts what is left out, also what names nobody or cannot be told; only the types that are never about a
 * patient (the prescriber in a Bundle of orders, the message of an empty search) are left out without being counted.
 */
export function separateForeign(
  resources: readonly FhirResource[],
  patientId: string,
  fhirServer?: string,
  aliases?: ReadonlySet<string>,
): { own: FhirResource[]; foreign: number } {
  const names = namesOfPatient(patientId, fhirServer);
  const isKnown = isFhirId(patientId);
  const own: FhirResource[] = [];
  let foreign = 0;
  for (const resource of resources) {
    if (isAboutNobody(resource)) continue;
    if (isKnown && isOfPatient(resource, patientId, names, aliases ?? noAliases)) own.push(resource);
    else foreign += 1;
  }
  return { own, foreign };
}

/** Whether a resource names its patient by the absolute address of another server, or of any while ours is not known. */
export function namesPatientElsewhere(resource: FhirResource, patientId: string, fhirServer?: string): boolean {
  const isAbsolute = (name: string) => {
    const reference = isRecord(resource) ? resource[name] : undefined;
    const text = isReferenceToPatient(reference) ? reference['reference'] : undefined;
    return typeof text === 'string' && /^https?:/i.test(text);
  };
  return patientElements.some(isAbsolute) && !belongsToPatient(resource, patientId, fhirServer);
}

/**
 * Id of the patient a resource says it is of, as a whole export is sorted by; undefined when it names none. Whether it
 * really belongs to them is asked again with each record.
 */
export function patientIdOf(resource: { resourceType: string } & Record<string, unknown>): string | undefined {
  const reference = resource[elementOfType.get(resource.resourceType) ?? ''];
  const text = isRecord(reference) ? reference['reference'] : undefined;
  return typeof text === 'string' ? patientReference.exec(text)?.[1] : undefined;
}

/** Whether a type of FHIR R4 that may stand in a Bundle of a patient's data goes by this name. */
export function isKnownType(resourceType: string): boolean {
  return knownTypes.has(resourceType);
}

function isAboutNobody(resource: unknown): boolean {
  return isRecord(resource) && typesAboutNobody.has(resource['resourceType']);
}

function hasItsPatientElement(resource: Record<string, unknown>): boolean {
  const type = resource['resourceType'];
  const element = typeof type === 'string' ? elementOfType.get(type) : undefined;
  return element !== undefined && isPresent(resource[element]);
}

function namesOfPatient(patientId: string, fhirServer: string | undefined): readonly string[] {
  const relative = `Patient/${patientId}`;
  if (fhirServer === undefined || !/^https?:\/\/./.test(fhirServer)) return [relative];
  return [relative, `${fhirServer}${fhirServer.endsWith('/') ? '' : '/'}${relative}`];
}

function isReferenceTo(names: readonly string[], aliases: ReadonlySet<string>, reference: unknown): boolean {
  if (!isRecord(reference)) return false;
  const text = reference['reference'];
  if (typeof text !== 'string') return false;
  return names.includes(text) || aliases.has(text) || names.includes(text.replace(versionSuffix, ''));
}

function isReferenceToPatient(reference: unknown): reference is Record<string, unknown> {
  if (!isRecord(reference)) return false;
  const text = reference['reference'];
  return reference['type'] === 'Patient' || (typeof text === 'string' && /(?:^|\/)Patient\//.test(text));
}

function isPresent(element: unknown): boolean {
  return element !== undefined && element !== null;
}
