import type { FhirResource, Patient } from 'fhir/r4.js';
import type { ValueSetCode } from '../../src/reasoning/value-sets.js';

export const NOW = new Date('2026-05-17T12:00:00Z');
const DAY = 24 * 60 * 60_000;
const subject = { reference: 'Patient/p' };
const UNITS = ['meq/L', 'g/dL', 'mm[Hg]', 'kg', 'mL', 'mL/min/{1.73_m2}', 'pg/mL', 'ng/mL', 'U/L', '%', 'furlong'];

/** The codes of each value set by which a type of resource is retrieved. */
export type CodesByType = ReadonlyMap<string, readonly (readonly ValueSetCode[])[]>;

/** Makes the parts of a record, each as a draw of numbers falls. */
export class RecordMaker {
  readonly #next: () => number;
  readonly #codes: CodesByType;

  constructor(next: () => number, codes: CodesByType) {
    this.#next = next;
    this.#codes = codes;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#next() * items.length)]!;
  }

  patient(): Patient {
    const odd = this.one(['1958', '2008-05', '2008', '2019-01-01', undefined]);
    const birthDate = this.#next() < 0.8 ? '1958-03-09' : odd;
    const dead = this.one([{ deceasedBoolean: this.#next() < 0.5 }, { deceasedDateTime: this.time() }]);
    const death = this.#next() < 0.1 ? dead : {};
    return {
      resourceType: 'Patient',
      id: 'p',
      gender: this.one(['female', 'male']),
      ...(birthDate === undefined ? {} : { birthDate }),
      ...death,
    };
  }

  resources(): FhirResource[] {
    const count = 10 + Math.floor(this.#next() * 70);
    const makers = [
      this.observation,
      this.observation,
      this.observation,
      this.condition,
      this.medication,
      this.request,
      this.procedure,
    ];
    const made = Array.from({ length: count }, () => this.one(makers).call(this));
    if (this.#next() < 0.9) made.push(this.coded('Condition', 'N18.4'), this.coded('Condition', 'R25.2'));
    if (this.#next() < 0.4) made.push(this.coded('Condition', 'G25.81'), this.coded('Condition', 'Z99.2'));
    if (this.#next() < 0.3)
      made.push({ resourceType: 'Encounter', reasonCode: [this.concept('Condition')], period: this.period() });
    // Ids collide now and then, as they do between types.
    return made.map((each, index) => ({
      subject,
      ...each,
      id: each['id'] ?? (index === 3 ? 'r2' : `r${index}`),
    })) as unknown as FhirResource[];
  }

  time(): string {
    const span = this.one([2 * DAY, 14 * DAY, 30 * DAY, 400 * DAY]);
    const instant = new Date(NOW.getTime() + DAY - this.#next() * span).toISOString();
    const minute = instant.slice(0, 16);
    if (this.#next() < 0.7) return instant;
    return this.one([
      instant,
      instant,
      instant,
      instant.slice(0, 10),
      instant.slice(0, 7),
      instant.slice(0, 4),
      `${minute}:00+05:30`,
      `${minute}:30-05:00`,
      minute,
      'yesterday',
      NOW.toISOString(),
    ]);
  }

  period(): object {
    const start = this.time();
    const hours = this.#next() * 8;
    const end = Number.isNaN(Date.parse(start)) ? start : new Date(Date.parse(start) + hours * 3_600_000).toISOString();
    return this.one([{ start, end }, { start, end }, { start }, { end }, { start, end: this.time() }]);
  }

  concept(type: string): object {
    const { system, code } = this.one(this.one(this.#codes.get(type) ?? [[{ system: 's', code: 'c' }]]));
    const coding = this.one([
      { system, code },
      { system, code },
      { system, code, display: `Name of ${code}` },
      { code },
      { system },
    ]);
    const other = { system: 'urn:other', code: 'other', display: 'Haemolysed sample' };
    return this.one([{ coding: [coding] }, { coding: [other, coding], text: 'As written' }, { coding: [coding] }]);
  }

  coded(type: string, code: string): Record<string, unknown> {
    const coding = [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }];
    return { resourceType: type, code: { coding }, recordedDate: new Date(NOW.getTime() - 5 * DAY).toISOString() };
  }

  quantity(): object {
    const unit = this.#next() < 0.6 ? this.one(['mg/dL', 'mmol/L']) : this.one(UNITS);
    const value = Math.round(this.#next() ** 3 * this.one([10, 200, 2_000]) * 100) / 100;
    const whole = { value, unit, code: unit, system: 'http://unitsofmeasure.org' };
    return this.one([
      whole,
      whole,
      whole,
      whole,
      { value, unit },
      { unit, code: unit },
      { ...whole, comparator: this.one(['<', '<=', '>', '>=']) },
    ]);
  }

  observation(): Record<string, unknown> {
    const value = this.one([
      { valueQuantity: this.quantity() },
      { valueQuantity: this.quantity() },
      { valueQuantity: this.quantity() },
      { valueBoolean: this.#next() < 0.7 },
      { valueCodeableConcept: this.concept('Condition') },
      {},
    ]);
    const when = this.one([
      { effectiveDateTime: this.time() },
      { effectiveDateTime: this.time() },
      { effectivePeriod: this.period() },
      { effectiveInstant: this.time() },
      {},
    ]);
    const extra = this.one([
      {},
      {},
      { referenceRange: [{ high: this.quantity() }] },
      { note: [{ text: 'sample was haemolysed' }] },
      { interpretation: [this.concept('Condition')] },
      { partOf: [{ reference: 'Procedure/r1' }] },
    ]);
    const component = [{ code: this.concept('Observation'), valueQuantity: this.quantity() }];
    return {
      resourceType: 'Observation',
      status: this.one(['final', 'final', 'corrected', 'amended', 'preliminary']),
      code: this.concept('Observation'),
      ...value,
      ...when,
      ...extra,
      ...(this.#next() < 0.15 ? { component } : {}),
      ...(this.#next() < 0.3 ? { issued: this.time() } : {}),
    };
  }

  condition(): Record<string, unknown> {
    const onset = this.one([
      {},
      { onsetDateTime: this.time() },
      { onsetPeriod: this.period() },
      { onsetString: 'long ago' },
    ]);
    const status = this.one([
      {},
      { clinicalStatus: { coding: [{ code: this.one(['active', 'resolved', 'relapse']) }] } },
    ]);
    const verification = this.one([
      {},
      {},
      { verificationStatus: { coding: [{ code: this.one(['confirmed', 'refuted']) }] } },
    ]);
    return {
      resourceType: 'Condition',
      code: this.concept('Condition'),
      ...(this.#next() < 0.7 ? { recordedDate: this.time() } : {}),
      ...onset,
      ...status,
      ...verification,
    };
  }

  medication(): Record<string, unknown> {
    const type = this.one(['MedicationStatement', 'MedicationAdministration']);
    const when = this.one([{ effectiveDateTime: this.time() }, { effectivePeriod: this.period() }, {}]);
    return {
      resourceType: type,
      status: this.one(['active', 'completed', 'in-progress']),
      medicationCodeableConcept: this.concept('MedicationRequest'),
      ...when,
    };
  }

  request(): Record<string, unknown> {
    const repeat = {
      period: this.one([1, 8, 0]),
      periodUnit: this.one(['d', 'h', 'wk', 'mo']),
      frequency: this.one([1, 3]),
    };
    const dose = { doseAndRate: [{ doseQuantity: { value: this.one([100, 300]), code: 'mg' } }] };
    const dosage = this.one([
      [],
      [{ timing: { repeat }, ...dose }],
      [{ timing: { repeat: { boundsPeriod: this.period() } } }],
      [{ text: 'as needed' }, dose],
    ]);
    const dispense = this.one([{}, { dispenseRequest: { validityPeriod: this.period() } }]);
    return {
      resourceType: 'MedicationRequest',
      status: this.one(['active', 'active', 'draft', 'draft', 'stopped', 'completed']),
      intent: this.one(['order', 'order', 'plan']),
      medicationCodeableConcept: this.concept('MedicationRequest'),
      dosageInstruction: dosage,
      ...dispense,
      ...(this.#next() < 0.8 ? { authoredOn: this.time() } : {}),
      ...(this.#next() < 0.3 ? { reasonCode: [this.concept('Condition')] } : {}),
    };
  }

  procedure(): Record<string, unknown> {
    const when = this.one([
      { performedPeriod: this.period() },
      { performedPeriod: this.period() },
      { performedDateTime: this.time() },
    ]);
    return {
      resourceType: 'Procedure',
      status: this.one(['completed', 'in-progress', 'not-done']),
      code: this.concept('Procedure'),
      ...when,
    };
  }
}
