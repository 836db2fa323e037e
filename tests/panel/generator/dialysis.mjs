const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';
const HAEMODIALYSIS = { system: SNOMED, code: '302497006', display: 'Haemodialysis' };
const PERITONEAL = { system: SNOMED, code: '71192002', display: 'Peritoneal dialysis' };
const PRESSURE = { system: LOINC, code: '8480-6', display: 'Systolic blood pressure' };
const WEIGHT_AFTER = { system: LOINC, code: '8344-4', display: 'Body weight after dialysis' };
const DIALYSATE_CALCIUM = { system: LOINC, code: '1998-4', display: 'Dialysate calcium' };
const VOLUME = { system: 'urn:renal-cramp-cds:dialysis-session', code: 'uf-volume', display: 'Ultrafiltration volume' };

const SESSION_DAYS = [1, 3, 5, 8, 10, 12];
const HOURS = 4;
const START = 14;

/** Three sessions a week in the afternoon, blood is drawn in the morning; or fluid exchanges at home. */
export function sessionsOf(writer, stage, { during = [114, 124], rate = [5, 9], dialysateCalcium }, chance) {
  if (stage === 'peritoneal-dialysis') {
    writer.procedure(PERITONEAL, { start: writer.at(40, 9), end: writer.at(40, 10) });
  }
  if (stage !== 'haemodialysis') return;
  const weight = chance.whole(55, 95);
  for (const day of SESSION_DAYS) {
    const at = (hours) => writer.at(day, START + hours);
    writer.procedure(HAEMODIALYSIS, { start: at(0), end: at(HOURS) });
    writer.measurement(PRESSURE, chance.whole(128, 133), 'mm[Hg]', at(-0.2));
    for (const hour of [1, 2, 3]) writer.measurement(PRESSURE, Math.round(chance.between(during)), 'mm[Hg]', at(hour));
    writer.measurement(PRESSURE, chance.whole(118, 128), 'mm[Hg]', at(HOURS + 0.3));
    writer.measurement(WEIGHT_AFTER, weight, 'kg', at(HOURS + 0.4));
    writer.measurement(VOLUME, Math.round(chance.between(rate) * HOURS * weight), 'mL', at(HOURS));
    writer.measurement(DIALYSATE_CALCIUM, Number(chance.between(dialysateCalcium).toFixed(2)), 'mmol/L', at(0.1));
  }
}
