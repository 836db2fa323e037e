import { describe, expect, it } from '@jest/globals';
import { Library } from 'cql-execution';
import fc from 'fast-check';
import { ourRecord } from './both-sources.js';
import { evaluate } from './cql-engine.js';
import type { Json } from './fhir-records.js';
import { recordsOf } from './record-walk.js';

function open(...resources: Json[]) {
  return ourRecord([{ resourceType: 'Patient', id: 'p' }, ...resources]);
}

describe('the order of observations', () => {
  const at = (hour: number) => `2026-05-12T0${hour}:00:00Z`;

  it('is later issue first, then corrected, amended, final and the rest, then id', () => {
    const ordered = [
      { id: 'z', issued: '2026-05-12T11:00:00+02:00', status: 'final' },
      { id: 'y', issued: '2026-05-12T08:00:01Z', status: 'corrected' },
      { id: 'yy', issued: '2026-05-12T08:00:00.001Z', status: 'preliminary' },
      { id: 'xx', issued: at(8), status: 'corrected' },
      { id: 'x', issued: at(8), status: 'amended' },
      { id: 'v', issued: at(8), status: 'final' },
      { id: 'w', issued: at(8), status: 'final' },
      { id: 'u', issued: at(8), status: 'preliminary' },
      { id: 't', issued: 'never', status: 'corrected' },
      { id: 's', status: 'final' },
    ].map((members) => ({ resourceType: 'Observation', ...members }));
    fc.assert(
      fc.property(fc.shuffledSubarray(ordered, { minLength: 2 }), (arrived) => {
        const expected = ordered.filter((resource) => arrived.includes(resource)).map(({ id }) => id);
        expect(recordsOf(open(...arrived), 'Observation').map((record) => record.getId())).toEqual(expected);
      }),
    );
  });

  const sorted = (direction: string) =>
    new Library({
      library: {
        identifier: { id: 'Sorted' },
        usings: { def: [{ localIdentifier: 'FHIR', uri: 'http://hl7.org/fhir', version: '4.0.1' }] },
        statements: { def: [{ name: 'Ids', context: 'Patient', expression: idsSortedByTime(direction) }] },
      },
    });

  it('stays among equal times when the engine sorts newest first, so the first is the preferred one', async () => {
    const observations = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 12 }).map((hours) =>
      hours.map((hour, index) => ({
        resourceType: 'Observation',
        id: `o${10 + index}`,
        effectiveDateTime: at(hour),
      })),
    );
    await fc.assert(
      fc.asyncProperty(observations, async (given) => {
        const newestFirst = given.toSorted((a, b) => b.effectiveDateTime.localeCompare(a.effectiveDateTime)); // stable
        const ids = await evaluate(sorted('desc'), 'Ids', open(...given.toReversed()));
        expect(ids).toEqual(newestFirst.map(({ id }) => ({ id, time: expect.anything() })));
      }),
    );
  });

  it('is turned round among equal times when the engine sorts oldest first, which the knowledge must not do', async () => {
    const given = ['a', 'b', 'c'].map((id) => ({ resourceType: 'Observation', id, effectiveDateTime: at(8) }));
    const ids = await evaluate(sorted('asc'), 'Ids', open(...given));
    expect(ids).toEqual(['c', 'b', 'a'].map((id) => ({ id, time: expect.anything() })));
  });
});

/** `([Observation]) O return all Tuple { id, time } sort by time …` as ELM. */
function idsSortedByTime(direction: string): Json {
  const of = (path: string) => ({ type: 'Property', path, scope: 'O' });
  const tuple = {
    type: 'Tuple',
    element: [
      { name: 'id', value: { type: 'Property', path: 'value', source: of('id') } },
      { name: 'time', value: { type: 'Property', path: 'value', source: of('effective') } },
    ],
  };
  return {
    type: 'Query',
    source: [{ alias: 'O', expression: { type: 'Retrieve', dataType: '{http://hl7.org/fhir}Observation' } }],
    relationship: [],
    return: { distinct: false, expression: tuple },
    sort: { by: [{ type: 'ByColumn', path: 'time', direction }] },
  };
}
