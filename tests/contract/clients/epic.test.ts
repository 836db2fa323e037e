import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ComposedService, startComposedService } from '../../support/composed-service.js';
import { expectOutcome } from '../../support/http-service.js';
import { actionsOf, suggestionsOf } from '../answered-cases.js';
import { cardsFor, post } from '../calls.js';
import { EMPTY_SEARCH, emptySearchFor, epicCall, epicDraftOrders, TRIGGERS } from './epic.js';

const CAUSE = 'Cramp: likely low calcium 7.8 mg/dL with high phosphate 6.2 mg/dL (CKD G4)';
const DRAFT = 'Draft furosemide (LASIX) tablet 40 mg: calcium 7.8 mg/dL already low; may worsen cramps';

describe('Epic', () => {
  let service: ComposedService;
  beforeAll(async () => {
    service = await startComposedService();
  });
  afterAll(() => service.close());

  const summariesFor = async (body: Record<string, unknown>) =>
    (await cardsFor(service, body)).map(({ summary }) => summary);
  const chartOpened = () => epicCall('patient-view', TRIGGERS.openChart);
  const selecting = (context: object) => epicCall('order-select', TRIGGERS.enterOrder, context);

  it.each(Object.entries(TRIGGERS))(
    'C1.1 opens a chart for a trigger of its own, and the answer is the same: %s',
    async (_name, trigger) => {
      expect(await summariesFor(epicCall('patient-view', trigger))).toEqual([CAUSE]);
    },
  );

  it('C1.2 finds the criteria a site can call us by', () => {
    expect(service.services[0]?.usageRequirements).toContain(
      'chronic kidney disease or dialysis on the problem list, or an eGFR below 60',
    );
  });

  it('C1.3 may name the prefetch keys as it likes: what came is told by its content', async () => {
    const [card] = await cardsFor(service, chartOpened());
    expect(card?.summary).toBe(CAUSE);
    expect(card?.detail).not.toContain('problem list');
  });

  it('C1.3 may do so with searches that found nothing: their link tells which query they answer', async () => {
    const templates = Object.entries(service.services[0]?.prefetch ?? {});
    const empty = templates
      .filter(([key]) => !['patient', 'conditions', 'labs', 'medications'].includes(key))
      .map(([key, template]) => [`${key}-user`, emptySearchFor(template)]);
    const call = chartOpened();
    const prefetch = { ...Object(call['prefetch']), ...Object.fromEntries(empty) };
    const [card] = await cardsFor(service, { ...call, prefetch });
    expect(empty).toHaveLength(6);
    expect(card?.summary).toBe(CAUSE);
    expect(card?.detail).not.toContain('Could not be checked');
  });

  it.each(['PractitionerRole/eYBcZ0fQ7T1jYwOkS8PvVlQ3', 'Practitioner/e3MBXCOmcoLKl7ayLD51AWA3'])(
    'C1.4 names the user as %s',
    async (userId) => {
      const call = chartOpened();
      expect(await summariesFor({ ...call, context: { ...Object(call['context']), userId } })).toEqual([CAUSE]);
    },
  );

  it('C1.5 sends a version 1 UUID and a token with scopes of its own words, which never reach the log', async () => {
    expect(await summariesFor(chartOpened())).toEqual([CAUSE]);
    expect(JSON.stringify(service.logged())).not.toContain('canary');
  });

  it('C1.6 says that a search was empty by an entry, which is neither a resource nor a failure', async () => {
    const call = chartOpened();
    const prefetch = { ...Object(call['prefetch']), statements: EMPTY_SEARCH, medications: EMPTY_SEARCH };
    const [card] = await cardsFor(service, { ...call, prefetch });
    expect(card?.detail).not.toMatch(/medication (?:orders|statements) \(/);
  });

  it('C1.6 refers to the patient by absolute address, and that is this patient', async () => {
    const [card] = await cardsFor(service, chartOpened());
    expect(card?.detail).not.toContain('another patient');
  });

  it('C1.6 names a drug by a reference that leads to nothing, and the card says so', async () => {
    const [card] = await cardsFor(service, chartOpened());
    expect(card?.detail).toContain('- 1 medication entries name a drug that could not be looked up');
  });

  it('C1.6 puts the Medication beside the order, with local and several RxNorm codes, and a category that is no list', async () => {
    const drafts = { draftOrders: epicDraftOrders() };
    expect(await summariesFor(selecting({ ...drafts, selections: ['MedicationRequest/eDraft1'] }))).toEqual([
      DRAFT,
      CAUSE,
    ]);
    expect(await summariesFor(epicCall('order-sign', TRIGGERS.signOrders, drafts))).toEqual([DRAFT, CAUSE]);
  });

  it('C1.7 leaves draft orders out where the site has not granted them: the causes are still answered', async () => {
    expect(await summariesFor(selecting({}))).toEqual([CAUSE]);
    expect(await summariesFor(epicCall('order-sign', TRIGGERS.signOrders))).toEqual([CAUSE]);
  });

  it('C1.7 strips a call of all data where our address is not registered exactly: a clear 412', async () => {
    const { prefetch: _data, fhirServer: _server, fhirAuthorization: _token, ...stripped } = chartOpened();
    const text = await expectOutcome(await post(service, stripped), 412, 'incomplete');
    expect(text).toBe('The data of this patient could not be had.');
  });

  describe('reads from our card', () => {
    let cards: Awaited<ReturnType<typeof cardsFor>>;
    beforeAll(async () => {
      const context = { draftOrders: epicDraftOrders(), selections: ['MedicationRequest/eDraft1'] };
      cards = await cardsFor(service, selecting(context));
    });

    it('C1.8 Markdown as its default, without its own extension for other kinds of detail', () => {
      expect(cards.flatMap(({ extension }) => Object.keys(extension ?? {}))).not.toContain(
        'com.epic.cdshooks.card.detail.content-type',
      );
    });

    it('C1.8 any as the only selectionBehavior, and one action for each suggestion, told by its description', () => {
      expect(cards.flatMap(({ selectionBehavior = [] }) => selectionBehavior)).toContain('any');
      expect(new Set(cards.flatMap(({ selectionBehavior = [] }) => selectionBehavior))).toEqual(new Set(['any']));
      expect(new Set(suggestionsOf(cards).map(({ actions }) => actions?.length))).toEqual(new Set([1]));
      expect(actionsOf(cards).map(({ description }) => description)).toEqual([
        'Draft order: ionised calcium (LOINC 1995-0)',
        'Draft order: PTH (LOINC 2731-8)',
        'Draft order: 25-OH vitamin D (LOINC 62292-8)',
      ]);
    });

    it('C1.8 topics of letters and digits that stay the same', () => {
      expect(cards.map(({ source }) => source.topic?.code)).toEqual([
        'DraftLoopDiureticRisk',
        'LowCalciumPhosphateRetention',
      ]);
    });

    it('C1.9 no update of an order and no system action', () => {
      expect(actionsOf(cards).filter(({ type }) => type === 'update')).toEqual([]);
    });

    it('C1.10 links of type absolute alone, which no registration can take away', () => {
      expect(cards.flatMap(({ links = [] }) => links).map(({ type }) => type)).toContain('absolute');
      expect(cards.flatMap(({ links = [] }) => links).filter(({ type }) => type !== 'absolute')).toEqual([]);
    });
  });
});
