import { describe, expect, it } from '@jest/globals';
import type { FhirResource, MedicationRequest } from 'fhir/r4.js';
import { explained, recordOf } from '../../support/explained.js';
import { condition, daysAgo, furosemide, kidneyPatient, result } from '../../support/kidney-patient.js';

async function unmetOf(library: string, resources: FhirResource[], drafts: string[] = []) {
  const { notApplied } = await explained(recordOf(resources, drafts));
  return notApplied.find((rule) => rule.library === library)?.unmet;
}

function without(names: string[], labs = {}): FhirResource[] {
  return kidneyPatient('p', labs).filter(({ id }) => !names.some((name) => id === `p-${name}`));
}

describe('a rule that did not apply', () => {
  it('names the criterion that is not met, where it is defined and which input is absent', async () => {
    expect(await unmetOf('LowCalciumPhosphateRetention', without(['phosphate'], { calcium: 7.8 }))).toEqual([
      { criterion: '"Phosphate Is High"', definedIn: 'MineralStatus', value: 'false', absent: ['Latest Phosphate'] },
    ]);
  });

  it('names no input when all are there', async () => {
    expect(await unmetOf('LowCalciumPhosphateRetention', kidneyPatient('p', { calcium: 7.8 }))).toEqual([
      { criterion: '"Phosphate Is High"', definedIn: 'MineralStatus', value: 'false', absent: [] },
    ]);
  });

  it('is not blamed for criteria that are met', async () => {
    const unmet = await unmetOf('LoopDiureticCalciumLoss', kidneyPatient('p', { calcium: 7.8, phosphate: 6 }));
    expect(unmet).toEqual([{ criterion: '"Drug" is not null', value: 'false', absent: ['Loop Diuretic Exposure'] }]);
  });

  it('says of what stands below an `or` that it is one way of several', async () => {
    expect(await unmetOf('PeripheralArteryDisease', kidneyPatient('p'))).toEqual([
      {
        criterion: '"Claudication" is not null',
        value: 'false',
        alternative: true,
        absent: ['Claudication Conditions'],
      },
      {
        criterion: '"Disease" is not null',
        value: 'false',
        alternative: true,
        absent: ['Peripheral Artery Disease Conditions'],
      },
    ]);
  });

  it('shows a criterion by the name it has in its own library', async () => {
    expect(await unmetOf('Hypokalaemia', kidneyPatient('p'))).toEqual([
      { criterion: '"Potassium Is Low"', value: 'false', absent: [] },
    ]);
  });

  it('finds the input behind a function of another library', async () => {
    const unmet = await unmetOf('MuscleInjury', kidneyPatient('p'));
    expect(unmet).toEqual([
      {
        criterion: '"CK Is High Enough For Muscle Injury"',
        value: 'false',
        absent: ['Latest Creatine Kinase'],
      },
    ]);
  });

  it('says what must not be', async () => {
    const unmet = await unmetOf('SevereHypocalcaemiaNoCrampRecorded', kidneyPatient('p'));
    expect(unmet?.[0]).toEqual({
      criterion: 'not "Has Cramp"',
      definedIn: 'CrampPopulation',
      value: 'false',
      absent: [],
    });
  });

  it('says of a criterion that does not hold that it is false', async () => {
    const unmet = await unmetOf('SevereHypocalcaemiaNoCrampRecorded', without(['cramp']));
    expect(unmet).toMatchObject([{ criterion: '"Calcium Is Urgent"', value: 'false' }]);
  });

  it('looks into a named criterion only where that is not met', async () => {
    expect(await unmetOf('Hyponatraemia', without(['cramp'], { sodium: 125 }))).toEqual([
      { criterion: '"Cramp In Scope"', definedIn: 'CrampPopulation', value: 'false', absent: ['Cramps'] },
    ]);
  });

  it('names what a default stands in for', async () => {
    const resources = [
      ...without(['ckd', 'gfr'], { calcium: 7.8, phosphate: 6 }),
      condition('p', 'ckd', { code: 'N18.9', display: 'Chronic kidney disease, unspecified' }, daysAgo(700)),
    ];
    const unmet = await unmetOf('LowCalciumPhosphateRetention', resources);
    expect(unmet?.map(({ criterion }) => criterion)).toEqual(['"GFR Is Below 60"']);
    expect(unmet?.[0]?.absent).toEqual([
      'Latest GFR',
      ...['5', '4', '3b', '3a', '3', '2', '1'].map((stage) => `CKD Stage ${stage} Conditions`),
    ]);
  });

  it('has no stage to miss while an eGFR is known', async () => {
    const resources = [
      ...without(['gfr', 'ckd']),
      result('p', 'gfr', { code: '98979-8', value: 52, unit: 'mL/min/{1.73_m2}' }, daysAgo(3)),
    ];
    const unmet = await unmetOf('UraemicToxins', resources);
    expect(unmet?.[0]).toEqual({
      criterion: '"GFR Is Below 15"',
      definedIn: 'CrampPopulation',
      value: 'false',
      absent: [],
    });
  });

  it('is judged by the branch that is taken', async () => {
    const legs = condition('p', 'legs', { code: 'G25.81', display: 'Restless legs syndrome' }, daysAgo(20));
    const ferritin = result('p', 'ferritin', { code: '2276-4', value: 500, unit: 'ng/mL' }, daysAgo(3));
    const dialysis = condition(
      'p',
      'dialysis',
      { code: 'Z99.2', display: 'Dependence on renal dialysis' },
      daysAgo(300),
    );
    const off = await unmetOf('IronDeficiencyRls', [...kidneyPatient('p'), legs, ferritin]);
    const on = await unmetOf('IronDeficiencyRls', [...kidneyPatient('p'), legs, ferritin, dialysis]);
    expect(off).toEqual([
      { criterion: '"Ferritin Is Low"', value: 'false', alternative: true, absent: [] },
      {
        criterion: '"Saturation Is Low"',
        value: 'false',
        alternative: true,
        absent: ['Latest Transferrin Saturation'],
      },
    ]);
    expect(on).toEqual([
      { criterion: '"Ferritin Is Low"', value: 'false', absent: [] },
      { criterion: '"Saturation Is Low"', value: 'false', absent: ['Latest Transferrin Saturation'] },
    ]);
  });

  it('on draft orders says that there is no such draft, or what the draft does not meet', async () => {
    const draft: MedicationRequest = { ...furosemide('p'), status: 'draft' };
    const patient = [...kidneyPatient('p'), draft];
    expect(await unmetOf('DraftLoopDiureticRisk', patient)).toContainEqual({
      criterion: 'exists "Drafts"',
      value: 'false',
      absent: ['Loop Diuretic Drafts'],
    });
    expect(await unmetOf('DraftLoopDiureticRisk', patient, ['p-furosemide'])).toEqual([
      {
        criterion: '"Is Low"',
        definedIn: 'CalciumStatus',
        value: 'false',
        alternative: true,
        absent: [],
      },
      { criterion: '"Magnesium Is Low"', value: 'false', alternative: true, absent: [] },
      { criterion: '"Potassium Is Low"', value: 'false', alternative: true, absent: [] },
    ]);
  });
});
