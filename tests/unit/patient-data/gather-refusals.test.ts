import { describe, expect, it } from '@jest/globals';
import { bundle, full, gathered, outcome, patient, requestWith, serverWith } from '../../support/gathered.js';

const refusal = { code: 'data-not-available', message: 'The data of this patient could not be had.' };

describe('data are refused', () => {
  it.each([
    ['the prefetched Patient is another one', requestWith({ ...full, patient: { resourceType: 'Patient', id: 'p2' } })],
    ['the prefetched Patient has no id', requestWith({ ...full, patient: { resourceType: 'Patient' } })],
    [
      'the right Patient comes only beside a wrong one',
      requestWith({ ...full, patient: { resourceType: 'Patient', id: 'p2' }, other: patient }),
    ],
    ['the Patient was not found', requestWith({ ...full, patient: null })],
    ['the Patient failed', requestWith({ ...full, patient: outcome })],
    ['the Patient is absent', requestWith({ conditions: full.conditions, labs: full.labs })],
    ['the Patient is unreadable', requestWith({ ...full, patient: 'p1' })],
    ['nothing was prefetched', requestWith(undefined)],
    ['both Condition and Observation are absent', requestWith({ patient, medications: bundle() })],
    ['both Condition and Observation failed', requestWith({ ...full, conditions: outcome, labs: bundle(outcome) })],
    ['both Condition and Observation are unreadable', requestWith({ ...full, conditions: 'x', labs: [] })],
  ])('when %s', async (_, request) => {
    await expect(gathered(request)).rejects.toMatchObject(refusal);
  });

  it('when the token is for another patient, before anything is asked', async () => {
    const { asked, server } = serverWith({});
    const fhirAuthorization = {
      access_token: 't',
      token_type: 'Bearer',
      expires_in: 1,
      scope: '',
      subject: 's',
      patient: 'p2',
    } as const;
    await expect(gathered(requestWith(undefined, { fhirAuthorization }), server)).rejects.toMatchObject(refusal);
    expect(asked).toEqual([]);
  });

  it('when the server answers with another Patient', async () => {
    const { server } = serverWith({ 'Patient/p1': { resource: { resourceType: 'Patient', id: 'p2' } } });
    const { patient: _absent, ...rest } = full;
    await expect(gathered(requestWith(rest), server)).rejects.toMatchObject(refusal);
  });

  it('with the reason of the signal when the request was given up', async () => {
    const reason = new Error('client went away');
    await expect(gathered(requestWith(full), undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('not when one of Condition and Observation was had', async () => {
    expect((await gathered(requestWith({ ...full, labs: outcome }))).gaps).toEqual([
      { kind: 'not-had', resourceType: 'Observation', reason: 'failed' },
    ]);
  });
});
