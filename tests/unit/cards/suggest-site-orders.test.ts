import { describe, expect, it } from '@jest/globals';
import { isOrderable, suggestTests } from '../../../src/cards/suggest-tests.js';
import { cardParts, WORDING } from '../../support/card-parts.js';

const wording = {
  ...WORDING,
  tests: {
    ...WORDING.tests,
    names: { ...WORDING.tests.names, ECG: '12-lead ECG' },
    'site-orders': { ECG: 'ecgOrder' as const },
  },
};
const OWN = { system: 'urn:oid:2.16.999.1', code: 'E12' };
const parts = (ordered: string[] = []) =>
  cardParts({ wording, siteOrders: new Map([['ecgOrder', OWN]]), ordered: new Set(ordered) });
const labels = (suggestions: { label: string }[]) => suggestions.map(({ label }) => label);

describe('a test that only the site has a code for', () => {
  it('is suggested by that code, with our name where the site gives none', () => {
    expect(suggestTests(['ECG'], parts())).toEqual([
      {
        label: 'Order 12-lead ECG',
        uuid: 'id-1',
        actions: [
          {
            type: 'create',
            description: 'Draft order: 12-lead ECG (E12)',
            resource: {
              resourceType: 'ServiceRequest',
              status: 'draft',
              intent: 'proposal',
              subject: { reference: 'Patient/p' },
              code: { coding: [{ ...OWN, display: '12-lead ECG' }], text: '12-lead ECG' },
              reasonCode: [{ text: 'Cramp' }],
            },
          },
        ],
      },
    ]);
  });

  it('keeps the name the site gives it', () => {
    const siteOrders = new Map([['ecgOrder', { ...OWN, display: 'EKG 12 Kanal' }]]);
    const [suggestion] = suggestTests(['ECG'], cardParts({ wording, siteOrders }));
    expect(suggestion?.actions?.[0]).toMatchObject({
      resource: { code: { coding: [{ ...OWN, display: 'EKG 12 Kanal' }], text: '12-lead ECG' } },
    });
  });

  it.each([[new Map()], [undefined]])('is left to the text where the site names none', (siteOrders) => {
    const silent = cardParts({ wording, ...(siteOrders && { siteOrders }) });
    expect(labels(suggestTests(['ECG', '2731-8'], silent))).toEqual(['Order PTH']);
    expect(isOrderable('ECG', silent)).toBe(false);
    expect(isOrderable('2731-8', silent)).toBe(true);
  });

  it('takes no place among the five when it cannot be ordered', () => {
    const tests = ['ECG', '1', '2', '3', '4', '5'];
    expect(suggestTests(tests, cardParts({ wording }))).toHaveLength(5);
    expect(labels(suggestTests(tests, parts()))).toEqual([
      'Order 12-lead ECG',
      'Order 1',
      'Order 2',
      'Order 3',
      'Order 4',
    ]);
  });

  it('is not suggested again when it is ordered already', () => {
    expect(suggestTests(['ECG'], parts(['E12']))).toEqual([]);
    expect(suggestTests(['ECG'], parts(['ECG']))).toHaveLength(1);
  });
});
