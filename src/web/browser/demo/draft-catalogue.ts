import type { MedicationRequest } from 'fhir/r4.js';

/** One medicine to try out, one or more per rule for draft orders. */
export interface CatalogueEntry {
  name: string;
  /** RxNorm ingredient. */
  rxnorm: string;
  /** One dose in mg, and how often a day; absent: not by the day. */
  mg: number;
  timesDaily?: number;
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  { name: 'Furosemide', rxnorm: '4603', mg: 40, timesDaily: 1 },
  { name: 'Hydrochlorothiazide', rxnorm: '5487', mg: 25, timesDaily: 1 },
  { name: 'Ibuprofen', rxnorm: '5640', mg: 400, timesDaily: 3 },
  { name: 'Quinine', rxnorm: '9071', mg: 324, timesDaily: 1 },
  { name: 'Calcium carbonate', rxnorm: '1897', mg: 500, timesDaily: 3 },
  { name: 'Magnesium oxide', rxnorm: '6582', mg: 400, timesDaily: 2 },
  { name: 'Cinacalcet', rxnorm: '407990', mg: 30, timesDaily: 1 },
  { name: 'Denosumab', rxnorm: '993449', mg: 60 },
  { name: 'Gabapentin', rxnorm: '25480', mg: 600, timesDaily: 3 },
];

export function doseText({ mg, timesDaily }: CatalogueEntry): string {
  if (timesDaily === undefined) return `${String(mg)} mg once`;
  return `${String(mg)} mg ${['', 'once', 'twice', 'three times'][timesDaily] ?? ''} a day`;
}

export function draftOrder(
  entry: CatalogueEntry,
  id: string,
  patientId: string,
  authoredOn: string,
): MedicationRequest {
  const { name, rxnorm, mg, timesDaily } = entry;
  const timing =
    timesDaily === undefined
      ? {}
      : { timing: { repeat: { frequency: timesDaily, period: 1, periodUnit: 'd' as const } } };
  const doseQuantity = { value: mg, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' };
  return {
    resourceType: 'MedicationRequest',
    id,
    status: 'draft',
    intent: 'order',
    subject: { reference: `Patient/${patientId}` },
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: rxnorm, display: name }],
      text: `${name} ${String(mg)} mg`,
    },
    authoredOn,
    dosageInstruction: [{ text: doseText(entry), doseAndRate: [{ doseQuantity }], ...timing }],
  };
}
