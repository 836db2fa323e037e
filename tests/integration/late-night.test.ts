import { afterEach, describe, expect, it } from '@jest/globals';
import { type ComposedService, findingsOf, startComposedService } from '../support/composed-service.js';
import { kidneyPatient, NOW, result } from '../support/kidney-patient.js';

// The engine sorts times as text, so that 01:00Z would pass for later than 23:00-05:00 of the same night.
const LATER = result('p', 'late', { code: '2777-1', value: 6.2, unit: 'mg/dL' }, '2026-05-16T23:00:00-05:00');
const EARLIER = result('p', 'early', { code: '2777-1', value: 3.8, unit: 'mg/dL' }, '2026-05-17T01:00:00Z');

let service: ComposedService;
afterEach(async () => {
  await service.close();
});

describe('two results of one night in two offsets', () => {
  it.each([
    ['UTC', [LATER, EARLIER], '2026-05-17T04:00:00Z'],
    ['UTC', [EARLIER, LATER], '2026-05-17T04:00:00Z'],
    ['Asia/Kolkata', [EARLIER, LATER], '2026-05-17T09:30:00+05:30'],
    ['America/Sao_Paulo', [EARLIER, LATER], '2026-05-17T01:00:00-03:00'],
  ])('count by time, not by text (%s)', async (timeZone, phosphates, date) => {
    service = await startComposedService(undefined, { TIME_ZONE: timeZone });
    const others = kidneyPatient('p', { calcium: 7.8 }).filter(({ id }) => id !== 'p-phosphate');
    const { cards } = await service.openChart([...others, ...phosphates], NOW);
    const [first] = cards.flatMap(findingsOf);
    expect(first?.id).toBe('low-calcium-phosphate-retention');
    expect(first?.evidence).toContainEqual(
      expect.objectContaining({ value: 6.2, date, reference: 'Observation/p-late', points: 30 }),
    );
    expect(JSON.stringify(first)).not.toContain('p-early');
  });

  it('are shown on the day of the place', async () => {
    service = await startComposedService(undefined, { TIME_ZONE: 'America/New_York' });
    const others = kidneyPatient('p', { calcium: 7.8 }).filter(({ id }) => id !== 'p-phosphate');
    const night = { ...LATER, effectiveDateTime: '2026-05-17T03:30:00Z' };
    const { cards } = await service.openChart([...others, night], NOW);
    expect(cards[0]?.detail).toContain('Phosphate 6.2 mg/dL (16 May 2026, 1 day ago)');
  });
});
