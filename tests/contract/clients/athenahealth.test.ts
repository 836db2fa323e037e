import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ComposedService, startComposedService } from '../../support/composed-service.js';
import { cardsFor } from '../calls.js';
import { athenaCall } from './athenahealth.js';

describe('athenahealth', () => {
  let service: ComposedService;
  beforeAll(async () => {
    service = await startComposedService();
  });
  afterAll(() => service.close());

  it.each(['order-select', 'order-sign'] as const)(
    'C3.19 works on orders: a drug known by its name alone is judged on %s',
    async (hook) => {
      const cards = await cardsFor(service, athenaCall(service, hook));
      expect(cards.map(({ summary }) => summary)).toContain(
        'Draft furosemide 40 mg tablet: calcium 7.9 mg/dL already low; may worsen cramps',
      );
    },
  );

  it('C3.19 may track in silence: the answer is the same each time, but for the ids of its cards', async () => {
    const lasting = async () =>
      JSON.stringify(await cardsFor(service, athenaCall(service, 'order-sign')), (key, value: unknown) =>
        key === 'uuid' ? undefined : value,
      );
    expect(await lasting()).toBe(await lasting());
  });
});
