import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Card } from '../../../src/cds-hooks.js';
import { evaluate } from '../../../src/reasoning/evaluate.js';
import { explain } from '../../../src/reasoning/explain.js';
import { explained, KNOWLEDGE, MOMENT, RANKING, recordOf } from '../../support/explained.js';
import { condition, daysAgo, furosemide, kidneyPatient } from '../../support/kidney-patient.js';
import { copyKnowledge, type KnowledgeCopy, throwingIn } from '../../support/knowledge-copy.js';

const OTHER_DISORDER = { code: 'M62.8', display: 'Muscle disorder' };

let copy: KnowledgeCopy | undefined;
afterEach(() => {
  copy?.remove();
  copy = undefined;
});

describe('the gate', () => {
  it('answers each of its criteria', async () => {
    const { gate } = await explained(recordOf(kidneyPatient('p')));
    expect(gate).toEqual({
      value: 'true',
      criteria: [
        { criterion: '"Is Alive"', value: 'true', absent: [] },
        { criterion: '"Is Adult"', value: 'true', absent: [] },
        { criterion: '"Has Kidney Disease"', value: 'true', absent: [] },
      ],
    });
  });

  it('names the element of the Patient that is absent', async () => {
    const [, ...others] = kidneyPatient('p');
    const { gate } = await explained(recordOf([{ resourceType: 'Patient', id: 'p' }, ...others]));
    expect(gate.value).toBe('false');
    expect(gate.criteria[1]).toEqual({ criterion: '"Is Adult"', value: 'false', absent: ['Patient.birthDate'] });
  });

  it('is refused when the policy names one that does not exist', async () => {
    const gate = { library: 'CrampPopulation', expression: 'Is Open' };
    const parts = { knowledge: KNOWLEDGE, ranking: { ...RANKING, gate }, render: () => [{} as Card] };
    await expect(explain(recordOf(kidneyPatient('p')), MOMENT, parts)).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'invalid-knowledge',
      message: 'The gate "Is Open" of CrampPopulation does not exist.',
    });
  });
});

describe('an explanation', () => {
  it('has every finding, also those that no card shows', async () => {
    const { cards, findings } = await explained(
      recordOf([...kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 }), furosemide('p')]),
    );
    const told = findings.map(({ library, points, shown }) => [library, points, shown]);
    expect(cards).toEqual([{ summary: 'causes', indicator: 'warning' }]);
    expect(told).toContainEqual(['LowCalciumPhosphateRetention', 85, true]);
    expect(told).toContainEqual(['LowCalciumUnclassified', 55, false]);
    expect(told).toContainEqual(['DiureticExposure', 30, false]);
    expect(told).toContainEqual(['InsufficientData', 0, false]);
    expect(told).toHaveLength(5);
  });

  it('names a rule that could not be run, and explains the others all the same', async () => {
    copy = copyKnowledge();
    copy.edit('elm', 'LoopDiureticCalciumLoss.json', throwingIn('Applies'));
    const { failed, notApplied } = await explained(recordOf(kidneyPatient('p')), copy.folders);
    expect(failed).toEqual(['LoopDiureticCalciumLoss']);
    expect(notApplied.map(({ library }) => library)).toContain('Hypokalaemia');
    expect(notApplied.map(({ library }) => library)).not.toContain('LoopDiureticCalciumLoss');
  });

  it('speaks of every rule once, agrees with the evaluation, and gives a reason for each that did not apply', async () => {
    const everything = [
      ...kidneyPatient('p', { calcium: 7.4, phosphate: 6.2, potassium: 3 }),
      furosemide('p'),
      condition('p', 'legs', { code: 'G25.81', display: 'Restless legs syndrome' }, daysAgo(20)),
      condition('p', 'other', OTHER_DISORDER, daysAgo(20)),
    ];
    const inputs = new Set(KNOWLEDGE.everyLibrary.get('CrampRecord')?.elm.expressions.keys());
    await fc.assert(
      fc.asyncProperty(fc.subarray(everything.slice(1)), async (rest) => {
        const record = recordOf([everything[0]!, ...rest]);
        const { findings, notApplied, failed } = await explained(record);
        const { findings: evaluated } = await evaluate(KNOWLEDGE, record, MOMENT);
        expect(failed).toEqual([]);
        expect(findings.map(({ shown: _, ...finding }) => finding)).toEqual(evaluated);
        const spoken = [...findings, ...notApplied].map(({ library }) => library);
        expect(spoken.sort()).toEqual([...KNOWLEDGE.libraries.keys()].sort());
        for (const { unmet } of notApplied) expect(unmet.length).toBeGreaterThan(0);
        const absent = notApplied.flatMap(({ unmet }) => unmet.flatMap((each) => each.absent));
        expect(absent.filter((name) => !inputs.has(name) && !name.startsWith('Patient.'))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});
