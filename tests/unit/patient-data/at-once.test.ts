import { describe, expect, it } from '@jest/globals';
import { allOf, begun } from '../../../src/patient-data/at-once.js';

const later = async (value: object) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return value;
};
const failing = (): object => {
  throw new TypeError('at once');
};

describe('several values, some of which are there', () => {
  const [one, two] = [{ value: 1 }, { value: 2 }];

  it('are there at once when all are', () => {
    expect(allOf([begun(() => one), begun(() => two)])).toEqual([one, two]);
  });

  it('come in their order when one is waited for', async () => {
    expect(await allOf([begun(() => later(one)), begun(() => two)])).toEqual([one, two]);
  });

  it('fail together, those under way among them', async () => {
    const late = async () => {
      await later(one);
      throw new Error('later');
    };
    await expect(allOf([begun(late), begun(failing)])).rejects.toThrow('at once');
    // Jest fails a test that leaves a rejection alone.
    await later(two);
    await later(two);
  });
});
