import { describe, expect, it } from '@jest/globals';
import { JobSlip, sharedClock } from '../../src/job-slip.js';

/** A slip as whoever ordered the job has it, and as the job has it. */
function slip() {
  const ours = new JobSlip();
  return { ours, theirs: new JobSlip(ours.memory) };
}

describe('what a job notes', () => {
  it('is read where it was ordered, in any script', () => {
    const { ours, theirs } = slip();
    expect(ours.noted).toBeUndefined();
    theirs.note({ patientId: 'Zoë 田中', instance: 'abc' });
    expect(ours.noted).toEqual({ patientId: 'Zoë 田中', instance: 'abc' });
  });

  it.each([
    ['of one byte each', 'x', 1_010],
    ['of three bytes each', '田', 336],
  ])('has 1,012 bytes of room, the quotes among them: %s', (_of, character, most) => {
    const { ours, theirs } = slip();
    expect(() => {
      theirs.note(character.repeat(most + 1));
    }).toThrow(new RangeError('A job can note 1012 bytes of JSON.'));
    expect(ours.noted).toBeUndefined();
    theirs.note(character.repeat(most));
    expect(ours.noted).toBe(character.repeat(most));
  });

  it('is one thing', () => {
    const { ours, theirs } = slip();
    theirs.note('of the first');
    expect(() => {
      theirs.note('of a second');
    }).toThrow(new Error('A job notes one thing.'));
    expect(ours.noted).toBe('of the first');
  });

  it('is of each job alone', () => {
    const [one, other] = [slip(), slip()];
    one.theirs.note('of one');
    expect(other.ours.noted).toBeUndefined();
  });
});

describe('when a job began', () => {
  it('is not known before, and then by a clock that all threads have', () => {
    const { ours, theirs } = slip();
    expect(ours.begunAt).toBeUndefined();
    const before = sharedClock();
    theirs.begin();
    const after = sharedClock();
    expect(ours.begunAt).toBeGreaterThanOrEqual(before);
    expect(ours.begunAt).toBeLessThanOrEqual(after);
  });

  it('leaves what is noted as it is', () => {
    const { ours, theirs } = slip();
    theirs.note('about whom');
    theirs.begin();
    expect(ours.noted).toBe('about whom');
  });
});
