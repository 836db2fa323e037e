import { describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { bundle, full, gathered, idsOf, lab, patient, requestWith, serverWith } from '../../support/gathered.js';

const fhirServer = 'https://ours.example/fhir';
const foreign = [{ kind: 'foreign', count: 1 }];
const entries = (...entry: { fullUrl?: string; resource: FhirResource }[]) => ({ resourceType: 'Bundle', entry });
const labOf = (reference: string) => lab('o2', { subject: { reference } });

describe('a result of another patient stays out', () => {
  it.each(['Patient/p2', 'urn:uuid:2', 'https://other.example/fhir/Patient/p1', `${fhirServer}/Patient/p2`])(
    'when an entry beside it calls our Patient %s',
    async (fullUrl) => {
      const alias = { fullUrl, resource: patient };
      for (const more of [
        { labs: entries({ resource: labOf(fullUrl) }, alias) },
        { labs: bundle(labOf(fullUrl)), linked: entries(alias) },
      ]) {
        const { resources } = await gathered(requestWith({ ...full, ...more }, { fhirServer }));
        expect(resources.filter(({ resourceType }) => resourceType === 'Observation')).toEqual([]);
      }
    },
  );

  it.each(['Patient/p2', 'https://other.example/fhir/Patient/p1', `${fhirServer}/Patient/p2`])(
    'when the entry of the Patient itself is called %s',
    async (fullUrl) => {
      const prefetch = {
        ...full,
        patient: entries({ resource: patient }, { fullUrl, resource: patient }),
        labs: bundle(labOf(fullUrl)),
      };
      expect(idsOf(await gathered(requestWith(prefetch, { fhirServer })))).toEqual(['Patient/p1', 'Condition/c1']);
    },
  );

  it('when its entry is of another server, though its subject is relative', async () => {
    const labs = entries(
      { fullUrl: 'https://ours.example/fhir/Observation/o1', resource: lab('o1') },
      { fullUrl: 'https://other.example/fhir/Observation/o2', resource: lab('o2') },
    );
    const record = await gathered(requestWith({ ...full, labs }, { fhirServer }));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual(foreign);
    expect((await gathered(requestWith({ ...full, labs }))).gaps).toEqual([]);
  });

  it('when it is about another patient, whoever its subject is', async () => {
    const about = (focus: object) => lab('o1', { focus: [focus] });
    for (const focus of [{ reference: 'Patient/p2' }, { reference: 'https://x/Patient/p1' }, { type: 'Patient' }]) {
      const record = await gathered(requestWith({ ...full, labs: bundle(about(focus)) }));
      expect([idsOf(record), record.gaps]).toEqual([['Patient/p1', 'Condition/c1'], foreign]);
    }
    for (const focus of [{ reference: 'Patient/p1' }, { reference: 'Device/p2' }]) {
      expect((await gathered(requestWith({ ...full, labs: bundle(about(focus)) }))).gaps).toEqual([]);
    }
  });
});

it('a Patient of another server is not ours, whatever the id', async () => {
  const other = entries({ fullUrl: 'https://other.example/fhir/Patient/p1', resource: patient });
  await expect(gathered(requestWith({ ...full, patient: other }, { fhirServer }))).rejects.toMatchObject({
    code: 'data-not-available',
  });
});

it('what the named server itself answers is its own, though it calls itself by another name', async () => {
  const { labs: _absent, ...rest } = full;
  const entry = { fullUrl: 'http://behind-the-proxy/fhir/Observation/o1', resource: lab('o1') };
  const { server } = serverWith({ Observation: { entries: [entry], unreadable: 0, complete: true } });
  const record = await gathered(requestWith(rest, { fhirServer }), server);
  expect([idsOf(record), record.gaps]).toEqual([['Patient/p1', 'Condition/c1', 'Observation/o1'], []]);
});

it('what the named server answers about its patients by another name than its own is not had, and never nothing', async () => {
  const { labs: _absent, ...rest } = full;
  const elsewhere = lab('o1', { subject: { reference: 'http://behind-the-proxy/fhir/Patient/p1' } });
  const { server } = serverWith({ Observation: { entries: [{ resource: elsewhere }], unreadable: 0, complete: true } });
  const record = await gathered(requestWith(rest, { fhirServer }), server);
  expect(record.gaps).toEqual([{ kind: 'not-had', resourceType: 'Observation', reason: 'failed' }]);
});
