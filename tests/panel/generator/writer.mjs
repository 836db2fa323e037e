const DAY = 86_400_000;
const HOUR = 3_600_000;
const UCUM = 'http://unitsofmeasure.org';
const SYSTEMS = {
  loinc: 'http://loinc.org',
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  snomed: 'http://snomed.info/sct',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  atc: 'http://www.whocc.no/atc',
  local: 'urn:example:laboratory',
  formulary: 'urn:example:formulary',
};
const code = (system, value) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code: value }],
});

/** Writes the resources of one patient, each site (here: each patient) with its own habits of coding. */
export class Writer {
  resources = [];
  #id;
  #midnight;
  #habits;

  constructor(id, now, chance) {
    this.#id = id;
    this.#midnight = Math.floor(now / DAY) * DAY;
    this.#habits = {
      conditions: chance.pick(['icd10', 'icd10', 'snomed']),
      drugs: chance.pick(['rxnorm', 'rxnorm', 'atc', 'name']),
      isReferenced: chance.isTrue(0.2),
      hasNoUnitCode: chance.isTrue(0.15),
    };
  }

  get #subject() {
    return { reference: `Patient/${this.#id}` };
  }

  #add(resourceType, content) {
    const id = `${this.#id}-${this.resources.length}`;
    this.resources.push({ resourceType, id, ...content });
    return `${resourceType}/${id}`;
  }

  /** An instant that many days before the day of the panel, at an hour of it. */
  at(daysAgo, hour) {
    return new Date(this.#midnight - daysAgo * DAY + hour * HOUR).toISOString();
  }

  patient(gender, year) {
    this.resources.push({ resourceType: 'Patient', id: this.#id, gender, birthDate: `${year}-03-0${1 + (year % 9)}` });
  }

  condition({ icd10, snomed, display }, daysAgo) {
    const isSnomed = snomed !== undefined && this.#habits.conditions === 'snomed';
    const coding = isSnomed ? { system: SYSTEMS.snomed, code: snomed } : { system: SYSTEMS.icd10, code: icd10 };
    this.#add('Condition', {
      clinicalStatus: code('condition-clinical', 'active'),
      verificationStatus: code('condition-ver-status', 'confirmed'),
      code: { coding: [{ ...coding, display }], text: display },
      subject: this.#subject,
      recordedDate: this.at(daysAgo, 9),
    });
  }

  order({ rxnorm, atc, name }, daysAgo, status) {
    const { drugs, isReferenced } = this.#habits;
    const coding = {
      rxnorm: { system: SYSTEMS.rxnorm, code: rxnorm, display: name },
      atc: { system: SYSTEMS.atc, code: atc, display: name },
      name: { system: SYSTEMS.formulary, code: `F${rxnorm}`, display: name },
    }[drugs];
    const concept = { coding: [coding], text: name };
    const drug = isReferenced
      ? { medicationReference: { reference: this.#add('Medication', { code: concept }) } }
      : { medicationCodeableConcept: concept };
    const order = { status, intent: 'order', ...drug, subject: this.#subject, authoredOn: this.at(daysAgo, 9) };
    this.#add('MedicationRequest', order);
  }

  operation(daysAgo) {
    const coding = [{ system: SYSTEMS.snomed, code: '12330002', display: 'Parathyroidectomy' }];
    const performedDateTime = this.at(daysAgo, 9);
    this.#add('Procedure', { status: 'completed', code: { coding }, subject: this.#subject, performedDateTime });
  }

  procedure(coding, performedPeriod) {
    const content = { status: 'completed', code: { coding: [coding] }, subject: this.#subject, performedPeriod };
    return this.#add('Procedure', content);
  }

  /** A result of the laboratory as this site writes it. */
  result({ loinc, siLoinc, name, conventional, si }, amount, isSi, when, spoil) {
    const { code: unitCode, factor, decimals, spellings } = isSi ? si : conventional;
    const spelling = spellings[this.resources.length % spellings.length];
    const value = Number((amount * factor).toFixed(decimals));
    const quantity = { value, unit: spelling, ...(this.#habits.hasNoUnitCode ? {} : { system: UCUM, code: unitCode }) };
    const own = { system: SYSTEMS.loinc, code: isSi ? (siLoinc ?? loinc) : loinc, display: name };
    const coding = spoil === 'local code' ? { system: SYSTEMS.local, code: `L-${loinc}`, display: name } : own;
    this.#observation(
      coding,
      spoil === 'unreadable unit' ? { value, unit: 'arb. units' } : quantity,
      when,
      'laboratory',
    );
  }

  /** A measurement at the bedside. */
  measurement(coding, value, unit, when) {
    this.#observation(coding, { value, unit, system: UCUM, code: unit }, when, 'vital-signs');
  }

  #observation(coding, valueQuantity, effectiveDateTime, category) {
    this.#add('Observation', {
      status: 'final',
      category: [code('observation-category', category)],
      code: { coding: [coding], text: coding.display },
      subject: this.#subject,
      effectiveDateTime,
      valueQuantity,
    });
  }
}
