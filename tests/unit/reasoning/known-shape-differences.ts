import { type KnownDifference, observed } from './known-difference.js';
import { recordsOf, theObservation } from './record-walk.js';

const FHIR_JSON = 'FHIR R4, JSON representation: ';
const NUMBER_OR_TEXT = `${FHIR_JSON}the numeric types are JSON numbers, boolean is a JSON boolean, all others are JSON strings.`;
const REPEATS = `${FHIR_JSON}"arrays are used when the item might repeat, even if it does not repeat in a specific instance".`;

export const KNOWN_SHAPE_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: 'a number is not a dateTime',
    because: NUMBER_OR_TEXT,
    resources: observed({ effectiveDateTime: 20260512 }),
    read: 'effective.value',
    oracle: 'throws TypeError',
    ours: 'null',
  },
  {
    name: 'a text is not a decimal',
    because: NUMBER_OR_TEXT,
    resources: observed({ valueQuantity: { value: '7.8' } }),
    read: 'value.value.value',
    oracle: '"7.8"',
    ours: 'null',
  },
  {
    name: 'a fraction is not an integer',
    because: 'FHIR R4 datatypes, integer: its regular expression is [0]|[-+]?[1-9][0-9]*.',
    resources: observed({ valueInteger: 1.5 }),
    read: 'value.value',
    oracle: '1.5',
    ours: 'null',
  },
  {
    name: 'true is not a code',
    because: NUMBER_OR_TEXT,
    resources: observed({ status: true }),
    read: 'status.value',
    oracle: 'true',
    ours: 'null',
  },
  {
    name: 'an object is not a primitive',
    because: NUMBER_OR_TEXT,
    resources: observed({ status: { a: 1 } }),
    read: 'status',
    oracle: 'ObservationStatus',
    ours: 'null',
  },
  {
    name: 'a list is not a single element',
    because: `${FHIR_JSON}"property2 has a complex data type; the value of the property is an object".`,
    resources: observed({ code: [{ text: 'a' }] }),
    read: 'code',
    oracle: 'CodeableConcept',
    ours: 'null',
  },
  {
    name: 'a text is not a complex element',
    because: `${FHIR_JSON}"property2 has a complex data type; the value of the property is an object".`,
    resources: observed({ code: 'a' }),
    read: 'code',
    oracle: 'CodeableConcept',
    ours: 'null',
  },
  {
    name: 'a single object is not a list',
    because: REPEATS,
    resources: observed({ category: { text: 'a' } }),
    read: 'category',
    oracle: 'throws TypeError',
    ours: 'null',
  },
  {
    name: 'a single text is not a list',
    because: REPEATS,
    resources: observed({ meta: { profile: 'a' } }),
    read: 'meta.profile',
    oracle: '[canonical]',
    ours: 'null',
  },
  {
    name: 'a null in a list is not an item',
    because: `${FHIR_JSON}"properties never have null values (except for a special case documented below)": ids and extensions in lists of primitives.`,
    resources: observed({ category: [null, { text: 'a' }] }),
    read: 'category',
    oracle: '[null, CodeableConcept]',
    ours: '[CodeableConcept]',
  },
  {
    name: 'what stands beside a primitive cannot be its value',
    because: `${FHIR_JSON}the property with _ prepended holds the id and extensions of the primitive, nothing else.`,
    resources: observed({ status: 'final', _status: { value: 'amended' } }),
    read: 'status.value',
    oracle: '"amended"',
    ours: '"final"',
  },
  {
    name: 'a coding without code is no code',
    because: 'CQL 1.5 reference, Code, is a terminology code within a code system; without a code nothing can match.',
    resources: observed({ code: { coding: [{ system: 's' }, { system: 's', code: 'c' }] } }),
    read: (record) => theObservation(record).getCode('code'),
    oracle: '[{"system":"s"}, {"code":"c","system":"s"}]',
    ours: '{"code":"c","system":"s"}',
  },
  {
    name: 'a contained resource has its own type',
    because: `${FHIR_JSON}the type of a resource is carried as its property resourceType.`,
    resources: observed({ contained: [{ resourceType: 'Medication', id: 'm' }] }),
    read: 'contained',
    oracle: '[Resource]',
    ours: '[Medication]',
  },
  {
    name: 'observations stand by issue, status and id, whatever their order of arrival',
    because:
      'CQL 1.5, sort clause: equal items have no order of their own, the engine keeps that of the source; FHIR R4, Observation.status: amended and corrected follow final.',
    resources: [
      { resourceType: 'Observation', id: 'c', status: 'final', issued: '2026-05-12T08:00:00Z' },
      { resourceType: 'Observation', id: 'b', status: 'final', issued: '2026-05-12T08:00:00Z' },
      { resourceType: 'Observation', id: 'd', status: 'corrected', issued: '2026-05-12T08:00:00Z' },
      { resourceType: 'Observation', id: 'e', status: 'final', issued: '2026-05-12T09:00:00Z' },
    ],
    read: (record) => recordsOf(record, 'Observation').map((found) => found.getId()),
    oracle: '["c", "b", "d", "e"]',
    ours: '["e", "d", "b", "c"]',
  },
  {
    name: 'only the patient of the request is Patient',
    because:
      'CQL 1.5, Patient context: every expression is evaluated for one patient; a singleton from two of them ends the run.',
    resources: [{ resourceType: 'Patient', id: 'q' }],
    read: (record) => recordsOf(record, 'Patient').map((found) => found.getId()),
    oracle: '["p", "q"]',
    ours: '["p"]',
  },
  {
    name: 'a type the model lacks is an error, not an empty list',
    because:
      'CQL 1.5, Retrieve: the type is one of the data model; that ours lacks it is a fault of the build, not a fact about the patient.',
    resources: [],
    read: (record) => recordsOf(record, 'Claim'),
    oracle: '[]',
    ours: 'throws ServiceError',
  },
];
