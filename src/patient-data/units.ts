import type { FhirResource } from 'fhir/r4.js';
import { isRecord } from '../is-record.js';

const ucum = 'http://unitsofmeasure.org';
const ucumSystems: ReadonlySet<unknown> = new Set([
  ucum,
  'http://unitsofmeasure.org/',
  'https://unitsofmeasure.org',
  'urn:oid:2.16.840.1.113883.6.8',
]);

/**
 * Every unit that is read: its UCUM code, then the other spellings of the same number in the same unit.
 * Compared without case and spaces, with micro sign and Greek mu as u. Case is safe to ignore because no unit here has a
 * double in mega or giga that a record could hold; the one that has (millisiemens) is refused below.
 */
const spellingsByUnit: Readonly<Record<string, readonly string[]>> = {
  'mg/dL': [],
  'g/dL': [],
  'g/L': [],
  'mmol/L': [],
  'umol/L': ['mcmol/L'],
  'nmol/L': [],
  'pmol/L': [],
  'meq/L': [],
  'pg/mL': ['ng/L'],
  'ng/mL': ['ug/L', 'mcg/L'],
  'U/L': ['IU/L', '[IU]/L', 'unit/L', 'units/L'],
  'm[IU]/L': ['mIU/L', 'mU/L', 'u[IU]/mL', 'uIU/mL', 'uU/mL', 'mcIU/mL', 'mcU/mL'],
  '%': ['percent'],
  'mL/min/{1.73_m2}': [
    'mL/min',
    'mL/min/1.73m2',
    'mL/min/1,73m2',
    'mL/min/1.73_m2',
    'mL/min/1.73.m2',
    'mL/min/1.73*m2',
    'mL/min/1.73m^2',
    'mL/min/1.73sqm',
    'mL/min/{1.73m2}',
    'mL/min/{1.73}m2',
    'mL/min/[1.73_m2]',
    'mL/min/(1.73m2)',
    'mL/min/(1.73_m2)',
  ],
  'mm[Hg]': ['mmHg'],
  'mL/h/kg': ['mL/hr/kg', 'mL/kg/h', 'mL/kg/hr', 'mL/kg/hour', 'mL/(kg.h)', 'mL/(h.kg)', 'mL/(kg*h)', 'mL/(h*kg)'],
  kg: ['kgs', 'kilogram', 'kilograms'],
  '[lb_av]': ['lb', 'lbs', '[lb]', 'pound', 'pounds'],
  mg: ['milligram', 'milligrams'],
  mL: ['milliliter', 'milliliters', 'millilitre', 'millilitres'],
  L: ['liter', 'liters', 'litre', 'litres'],
  ms: ['msec', 'msecs', 'millisecond', 'milliseconds'],
};

const otherUnits: ReadonlySet<string> = new Set(['mS']);

const unitBySpelling = new Map(
  Object.entries(spellingsByUnit).flatMap(([unit, spellings]) =>
    [unit, ...spellings].map((spelling): [string, string] => [foldSpelling(spelling), unit]),
  ),
);

/** Spellings as they are written above, which need no folding. */
const unitAsWritten = new Map(
  Object.entries(spellingsByUnit).flatMap(([unit, spellings]) =>
    [unit, ...spellings].map((spelling): [string, string] => [spelling, unit]),
  ),
);

/** Where a rule reads a quantity, by type of resource. */
const quantityPaths: ReadonlyMap<unknown, readonly (readonly string[])[]> = new Map([
  [
    'Observation',
    [
      ['valueQuantity'],
      ['referenceRange', 'low'],
      ['referenceRange', 'high'],
      ['component', 'valueQuantity'],
      ['component', 'referenceRange', 'low'],
      ['component', 'referenceRange', 'high'],
    ],
  ],
  ['MedicationRequest', [['dosageInstruction', 'doseAndRate', 'doseQuantity']]],
]);

/**
 * The UCUM code of a quantity's unit, or undefined when it cannot be read for certain.
 *
 * A UCUM code decides (no system counts as UCUM); without one the unit text does. The code of another system is no UCUM
 * code, so it never decides. Code and text that name different units make the quantity unreadable, whatever the system.
 */
export function canonicalUnit(quantity: { unit?: unknown; code?: unknown; system?: unknown }): string | undefined {
  const byText = unitOf(quantity.unit);
  const byCode = unitOf(quantity.code);
  if (byText !== undefined && byCode !== undefined && byText !== byCode) return undefined;
  return !isBlank(quantity.code) && isUcum(quantity.system) ? byCode : byText;
}

/**
 * The resource with each quantity a rule may read in UCUM, or without a code: the same object when nothing changes.
 *
 * A readable unit gets UCUM as `system` and its canonical `code`; `unit` stays as reported. An unreadable one loses both
 * and can be named by `unit`: the text as reported, else the code; with both, where the text alone would mislead.
 * A value that is no number, or one so large that the engine's decimals would overflow in a product, and a quantity that is not an object, is taken out.
 * A reference range without a unit stays without: FHIR R4 does not say that it has the unit of the value.
 */
export function withReadableUnits(resource: FhirResource): FhirResource {
  if (!isRecord(resource)) return resource;
  const paths = quantityPaths.get(resource.resourceType);
  if (paths === undefined) return resource;
  let readable: unknown = resource;
  for (const path of paths) readable = rewriteQuantities(readable, path);
  return readable as FhirResource; // as: only quantities inside were rewritten, the shape around them is the resource's own
}

/** Whether a result, once its units were made readable, has a value whose unit is not known. */
export function hasUnreadableUnit(resource: FhirResource): boolean {
  if (resource.resourceType !== 'Observation') return false;
  const { valueQuantity }: { valueQuantity?: unknown } = resource;
  return isRecord(valueQuantity) && valueQuantity['value'] !== undefined && valueQuantity['code'] === undefined;
}

function rewriteQuantities(node: unknown, path: readonly string[], depth = 0): unknown {
  const element = path[depth];
  if (element === undefined) return readableQuantity(node);
  if (Array.isArray(node)) {
    const items = node.map((item: unknown) => rewriteQuantities(item, path, depth));
    return items.every((item, index) => item === node[index]) ? node : items;
  }
  if (!isRecord(node) || node[element] === undefined) return node;
  const rewritten = rewriteQuantities(node[element], path, depth + 1);
  return rewritten === node[element] ? node : withFields(node, { [element]: rewritten });
}

function readableQuantity(quantity: unknown): unknown {
  if (!isRecord(quantity)) return undefined;
  const code = canonicalUnit(quantity);
  const isCanonical = code !== undefined && quantity['code'] === code && quantity['system'] === ucum;
  const isNumber = isCountable(quantity['value']);
  const isWhole = isNumber && textOf(quantity['unit']) === quantity['unit'];
  if (isCanonical && isWhole) return quantity;
  return withFields(quantity, {
    value: isNumber ? quantity['value'] : undefined,
    unit: code === undefined ? textOfUnreadable(quantity) : textOf(quantity['unit']),
    code,
    system: code === undefined ? undefined : ucum,
  });
}

function isCountable(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

/** Never a text that could be read as a unit on its own: what was refused once must not be accepted later. */
function textOfUnreadable(quantity: Record<string, unknown>): string | undefined {
  const text = textOf(quantity['unit']);
  const code = textOf(quantity['code']);
  if (text === undefined) return unitOf(code) === undefined ? code : `${code} (not coded in UCUM)`;
  return unitOf(text) === undefined ? text : `${text} (coded ${code ?? 'otherwise'})`;
}

function withFields(object: Record<string, unknown>, fields: Record<string, unknown>): Record<string, unknown> {
  if (Object.entries(fields).every(([name, content]) => object[name] === content)) return object;
  const merged = Object.entries({ ...object, ...fields });
  return Object.fromEntries(merged.filter(([, content]) => content !== undefined));
}

function unitOf(spelling: unknown): string | undefined {
  if (typeof spelling !== 'string') return undefined;
  const asWritten = unitAsWritten.get(spelling);
  if (asWritten !== undefined) return asWritten;
  // No accepted spelling is that long; a longer text is not worth folding.
  if (spelling.length > 40 || otherUnits.has(spelling.trim())) return undefined;
  return unitBySpelling.get(foldSpelling(spelling));
}

/** A mu that stands alone is left: it is a micron or a slip, not the u of a unit count. */
function foldSpelling(spelling: string): string {
  return spelling
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s/g, '')
    .replace(/μ(?=[a-z[])/g, 'u');
}

function isUcum(system: unknown): boolean {
  return isBlank(system) || ucumSystems.has(system);
}

function isBlank(content: unknown): boolean {
  return content === undefined || content === null || (typeof content === 'string' && content.trim() === '');
}

function textOf(content: unknown): string | undefined {
  return typeof content === 'string' && !isBlank(content) ? content : undefined;
}
