import type { CodeableConcept, FhirResource, Observation, ObservationReferenceRange, Quantity } from 'fhir/r4.js';
import { type Analyte, ANALYTES } from '../analytes.js';
import { dateText, instantOf } from '../fhir-date.js';

export type Flag = 'low' | 'high' | 'in range' | 'no range given';

/** One result, as reported. */
export interface LabPoint {
  /** `Observation/…`. */
  reference: string;
  time: number;
  date: string;
  value: number;
  /** As it is to be shown, comparator and all. */
  shown: string;
  comparator?: '<' | '<=' | '>=' | '>';
  low?: number;
  high?: number;
  flag: Flag;
}

/** The results of one analyte in one unit, oldest first. */
export interface LabSeries {
  analyte: string;
  unit: string;
  /** Another spelling of the same unit is among the results. */
  alsoSpelled?: string;
  points: LabPoint[];
}

/** A result that cannot be drawn, and why. */
export interface Undrawn {
  analyte: string;
  text: string;
  why: string;
}

export interface LabRows {
  /** In the order of the rows; an analyte without a result has none. */
  series: LabSeries[];
  undrawn: Undrawn[];
}

const FINAL = ['final', 'amended', 'corrected'];

/** Sorts the results of a record into rows: one per analyte and unit, never converted. */
export function labRows(
  resources: readonly FhirResource[],
  valueSets: readonly { name: string; codes: readonly string[] }[],
): LabRows {
  const analyteOf = analytesByCode(valueSets);
  const undrawn: Undrawn[] = [];
  const series = new Map<string, LabSeries>();
  for (const resource of resources) {
    if (resource.resourceType !== 'Observation') continue;
    for (const measured of measurementsOf(resource, analyteOf)) {
      const read = toPoint(resource, measured);
      if (typeof read === 'string') undrawn.push({ analyte: measured.analyte.name, ...whyNot(resource, read) });
      else addPoint(series, measured, read);
    }
  }
  const order = new Map(ANALYTES.map(({ name }, index) => [name, index]));
  const rows = [...series.values()].sort((a, b) => (order.get(a.analyte) ?? 0) - (order.get(b.analyte) ?? 0));
  for (const { points } of rows) points.sort((a, b) => a.time - b.time);
  return { series: rows, undrawn };
}

interface Measured {
  analyte: Analyte;
  quantity: Quantity | undefined;
  ranges: readonly ObservationReferenceRange[];
}

function analytesByCode(valueSets: Parameters<typeof labRows>[1]): Map<string, Analyte> {
  const codes = new Map(valueSets.map(({ name, codes: all }) => [name, all]));
  return new Map(
    ANALYTES.flatMap((analyte) =>
      analyte.sets.flatMap((set) => (codes.get(set) ?? []).map((code): [string, Analyte] => [code, analyte])),
    ),
  );
}

/** The result itself, or those parts of a panel that have a row. */
function measurementsOf(observation: Observation, analyteOf: ReadonlyMap<string, Analyte>): Measured[] {
  const parts = (observation.component ?? []).flatMap((part) => {
    const analyte = named(part.code, analyteOf);
    return analyte && part.valueQuantity
      ? [{ analyte, quantity: part.valueQuantity, ranges: part.referenceRange ?? [] }]
      : [];
  });
  if (parts.length > 0) return parts;
  const analyte = named(observation.code, analyteOf);
  return analyte ? [{ analyte, quantity: observation.valueQuantity, ranges: observation.referenceRange ?? [] }] : [];
}

function named(concept: CodeableConcept | undefined, analyteOf: ReadonlyMap<string, Analyte>): Analyte | undefined {
  const codings = Array.isArray(concept?.coding) ? concept.coding : [];
  return codings.map(({ code }) => analyteOf.get(code ?? '')).find((analyte) => analyte !== undefined);
}

/** The point, or why there is none. */
function toPoint(observation: Observation, { quantity, ranges }: Measured): LabPoint | string {
  if (!FINAL.includes(observation.status)) return `its status is ${observation.status}`;
  if (quantity?.value === undefined || typeof quantity.value !== 'number') return 'it holds no number';
  if (unitOf(quantity) === '') return 'it has no unit';
  const date = observation.effectiveDateTime ?? observation.effectivePeriod?.end ?? observation.issued ?? '';
  const time = instantOf(date);
  if (Number.isNaN(time)) return 'it has no date';
  const { value, comparator } = quantity;
  const range = rangeIn(ranges, unitOf(quantity));
  return {
    reference: `Observation/${observation.id ?? ''}`,
    time,
    date,
    value,
    shown: `${comparator ?? ''}${String(value)}`,
    ...(isComparator(comparator) ? { comparator } : {}),
    ...range,
    flag: flagOf(value, comparator, range),
  };
}

function isComparator(text: unknown): text is NonNullable<LabPoint['comparator']> {
  return text === '<' || text === '<=' || text === '>=' || text === '>';
}

/** The laboratory's own range, where it is in the unit of the result. */
function rangeIn(ranges: readonly ObservationReferenceRange[], unit: string): { low?: number; high?: number } {
  const [range] = ranges.filter(({ low, high }) => low?.value !== undefined || high?.value !== undefined);
  const isSame = [range?.low, range?.high].every((end) => end === undefined || ['', unit].includes(unitOf(end)));
  if (range === undefined || !isSame) return {};
  return {
    ...(range.low?.value === undefined ? {} : { low: range.low.value }),
    ...(range.high?.value === undefined ? {} : { high: range.high.value }),
  };
}

/** Against the range the laboratory gave with the result, nothing else. */
function flagOf(value: number, comparator: string | undefined, { low, high }: { low?: number; high?: number }): Flag {
  if (low === undefined && high === undefined) return 'no range given';
  const isBelow = low !== undefined && (comparator === '<' ? value <= low : value < low);
  const isAbove = high !== undefined && (comparator === '>' ? value >= high : value > high);
  if (isBelow) return 'low';
  return isAbove ? 'high' : 'in range';
}

function addPoint(series: Map<string, LabSeries>, { analyte, quantity }: Measured, point: LabPoint): void {
  const spelled = unitOf(quantity);
  const unit = analyte.monovalent === true && /^meq\/l$/i.test(spelled) ? 'mmol/L' : spelled;
  const key = `${analyte.name} ${unit.toLowerCase()}`;
  const known = series.get(key) ?? { analyte: analyte.name, unit, points: [] };
  series.set(key, known);
  known.points.push(point);
  if (unit !== spelled) known.alsoSpelled = spelled;
}

/** As people write it: `mm[Hg]` is `mmHg`. */
function unitOf(quantity: Quantity | undefined): string {
  const unit = quantity?.unit ?? quantity?.code ?? '';
  return unit.replace('mm[Hg]', 'mmHg').replace(/\{([^{}]*)\}/g, (_whole, words: string) => words.replaceAll('_', ' '));
}

function whyNot(
  { effectiveDateTime, valueQuantity, valueString }: Observation,
  why: string,
): { text: string; why: string } {
  const value = valueQuantity?.value === undefined ? (valueString ?? '').slice(0, 60) : String(valueQuantity.value);
  const when = effectiveDateTime === undefined ? '' : ` of ${dateText(effectiveDateTime)}`;
  return { text: `${value === '' ? 'Result' : value}${when}`, why };
}
