import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ComposedService, startComposedService } from '../../support/composed-service.js';
import { cardsFor } from '../calls.js';
import { oracleCall } from './oracle.js';

describe('Oracle Health', () => {
  let service: ComposedService;
  beforeAll(async () => {
    service = await startComposedService();
  });
  afterAll(() => service.close());

  it('C2.14 opens a chart with its own shapes of result and problem', async () => {
    const [card, ...more] = await cardsFor(service, oracleCall(7.8));
    expect(card?.summary).toBe('Cramp: likely low calcium 7.8 mg/dL with high phosphate 6.2 mg/dL (CKD G4)');
    expect(card?.detail).not.toMatch(/another patient|Could not be checked/);
    expect(more).toEqual([]);
  });

  it('C2.15 may take every link away: nothing is said by a link alone', async () => {
    const [card] = await cardsFor(service, oracleCall(7.8));
    expect(card?.links?.map(({ type }) => type)).toEqual(['absolute', 'absolute']);
    expect(card?.links?.filter(({ appContext }) => appContext !== undefined)).toEqual([]);
    expect(card?.detail).not.toMatch(/\]\(|https?:/);
    expect(card?.detail).toContain('**Self-care for the patient**');
  });

  it('C2.16 pops up what is critical, so that only a dangerous value is', async () => {
    expect((await cardsFor(service, oracleCall(7.8)))[0]?.indicator).toBe('warning');
    const [card] = await cardsFor(service, oracleCall(6.9));
    expect(card?.indicator).toBe('critical');
    expect(card?.summary).toBe('Urgent: low calcium 6.9 mg/dL with high phosphate 6.2 mg/dL (CKD G4)');
  });

  it('C2.16 shows other cards in a narrow panel: no table, and the first lines carry the message', async () => {
    const [card] = await cardsFor(service, oracleCall(7.8));
    expect(card?.detail).not.toMatch(/^\s*\|/m);
    expect(card?.detail?.split('\n').slice(0, 3)).toEqual([
      '**Low calcium with phosphate build-up: likely, 85 points**',
      '',
      '- Calcium 7.8 mg/dL (15 May 2026, 2 days ago), limit 8.0: +45',
    ]);
  });
});
