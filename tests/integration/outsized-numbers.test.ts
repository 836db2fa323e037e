import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { charted } from '../support/charted-patient.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { daysAgo, kidneyPatient, NOW } from '../support/kidney-patient.js';

describe('a number that no laboratory measures', () => {
  let service: ComposedService;
  beforeAll(async () => {
    service = await startComposedService();
  });
  afterAll(() => service.close());

  const PTH = { code: '2731-8', unit: 'pg/mL', at: daysAgo(9) };
  const CK = { code: '2157-6', unit: 'U/L', at: daysAgo(1) };

  it.each([1e16, 123456789012345680000, 1e21, -1e25, 1e308])(
    '(%d) as an upper limit fails no rule: the usual limit counts',
    async (high) => {
      const record = kidneyPatient('p', { calcium: 7.4, phosphate: 6.4 });
      const odd = [charted('p', { ...PTH, value: 210, high }), charted('p', { ...CK, value: 3_000, high })];
      const usual = [charted('p', { ...PTH, value: 210 }), charted('p', { ...CK, value: 3_000 })];
      const [answer, expected] = [
        await service.openChart([...record, ...odd], NOW),
        await service.openChart([...record, ...usual], NOW),
      ];
      expect(answer.cards.map(({ summary }) => summary)).toEqual(expected.cards.map(({ summary }) => summary));
      expect(answer.cards[0]?.detail).toBe(expected.cards[0]?.detail);
      expect(service.logged().filter(({ msg }) => msg === 'libraryFailed')).toEqual([]);
    },
  );

  it.each([1e16, 1e21, 1e308, -1e25])('(%d) as a result is left out and named', async (value) => {
    const record = kidneyPatient('p', { calcium: 7.4, phosphate: 6.4 });
    const odd = charted('p', { code: '2777-1', value, unit: 'mg/dL', at: daysAgo(1) });
    const { cards } = await service.openChart([...record, odd], NOW);
    expect(cards[0]?.detail).toContain('Phosphate result has no number (1 day ago): ignored');
  });
});
