import { describe, expect, it } from '@jest/globals';
import { suggestTests } from '../../../src/cards/suggest-tests.js';
import { cardParts } from '../../support/card-parts.js';

const CALCIUM = '17861-6';
const ALBUMIN = '1751-7';

/** The codes of the tests suggested, in order. */
function suggested(codes: string[], ordered: string[] = []): unknown[] {
  const suggestions = suggestTests(codes, cardParts({ ordered: new Set(ordered) }));
  return suggestions
    .map(({ actions }) => actions?.map((action) => 'resource' in action && codeOf(action.resource)))
    .flat();
}

const codeOf = (resource: object) =>
  'code' in resource ? JSON.stringify(resource.code).replace(/.*"code":"([^"]+)".*/, '$1') : '';

describe('tests worth ordering', () => {
  it('are suggested as draft orders for this patient', () => {
    expect(suggestTests(['2731-8'], cardParts({ patientId: 'p1' }))).toEqual([
      {
        label: 'Order PTH',
        uuid: 'id-1',
        actions: [
          {
            type: 'create',
            description: 'Draft order: PTH (LOINC 2731-8)',
            resource: {
              resourceType: 'ServiceRequest',
              status: 'draft',
              intent: 'proposal',
              subject: { reference: 'Patient/p1' },
              code: { coding: [{ system: 'http://loinc.org', code: '2731-8', display: 'PTH' }], text: 'PTH' },
              reasonCode: [{ text: 'Cramp' }],
            },
          },
        ],
      },
    ]);
  });

  it('are named by their code where nobody gave them a name', () => {
    expect(suggestTests(['1-1'], cardParts())[0]).toMatchObject({ label: 'Order 1-1' });
  });

  it('are at most five, the most useful first', () => {
    expect(suggested(['a', 'b', 'c', 'd', 'e', 'f'])).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(suggested(['a', 'b'])).toEqual(['a', 'b']);
    expect(suggested([])).toEqual([]);
  });

  it('count total calcium and albumin as one', () => {
    expect(suggested([CALCIUM, ALBUMIN, 'a', 'b', 'c', 'd', 'e'])).toEqual([CALCIUM, ALBUMIN, 'a', 'b', 'c', 'd']);
    expect(suggested(['a', 'b', 'c', 'd', CALCIUM, ALBUMIN])).toEqual(['a', 'b', 'c', 'd', CALCIUM, ALBUMIN]);
    expect(suggested(['a', 'b', 'c', 'd', 'e', CALCIUM, ALBUMIN])).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('count albumin alone as one, too', () => {
    expect(suggested([ALBUMIN, 'a', 'b', 'c', 'd', 'e'])).toEqual([ALBUMIN, 'a', 'b', 'c', 'd']);
  });

  it('leave out what is already ordered, which takes no place', () => {
    expect(suggested(['a', 'b', 'c', 'd', 'e', 'f'], ['b'])).toEqual(['a', 'c', 'd', 'e', 'f']);
    expect(suggested([CALCIUM, ALBUMIN], [CALCIUM])).toEqual([ALBUMIN]);
    expect(suggested(['a'], ['a'])).toEqual([]);
  });
});
