import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Card, Suggestion } from '../../src/cds-hooks.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { actionsOf, type AnsweredCase, answersTo, cardsOf, suggestionsOf, tellingCases } from './answered-cases.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('CDS Hooks, the suggestions of every kind of card', () => {
  let service: ComposedService;
  let answers: AnsweredCase[];
  let cards: Card[];
  let suggestions: Suggestion[];
  beforeAll(async () => {
    service = await startComposedService();
    answers = await answersTo(service, tellingCases());
    cards = cardsOf(answers);
    suggestions = suggestionsOf(cards);
  });
  afterAll(() => service.close());

  it('A8.64 have a label and a UUID of their own, and none is preselected', () => {
    expect(suggestions.length).toBeGreaterThan(20);
    expect(suggestions.filter(({ label, uuid }) => !/^\S.*\S$/.test(label) || !UUID.test(uuid))).toEqual([]);
    expect(new Set(suggestions.map(({ uuid }) => uuid)).size).toBe(suggestions.length);
    expect(suggestions.filter(({ isRecommended }) => isRecommended === true)).toEqual([]);
  });

  it('A8.65 hold one action each, so that there is nothing to be done in part', () => {
    expect(new Set(suggestions.map(({ actions }) => actions?.length))).toEqual(new Set([1]));
  });

  it('A8.66 never say that some of the actions may be chosen', () => {
    const allowed = ['label', 'uuid', 'isRecommended', 'actions'];
    const names = new Set(suggestions.flatMap((suggestion) => Object.keys(suggestion)));
    expect([...names].filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('A8.67 and B3.12 have actions with a type and a description that tells all', () => {
    const actions = actionsOf(cards);
    const described = { create: /^Draft order: .+ \(LOINC \d+-\d\)$/, delete: /^Remove the draft order \S/ };
    expect(new Set(actions.map(({ type }) => type))).toEqual(new Set(['create', 'delete']));
    const wrong = actions.filter(({ type, description }) => type === 'update' || !described[type].test(description));
    expect(wrong).toEqual([]);
  });

  it('A8.68 and B3.12 create a whole new resource, a draft order of a test for this patient, and never a drug', () => {
    const [first] = actionsOf(cards).filter(({ type }) => type === 'create');
    expect(first).toEqual({
      type: 'create',
      description: expect.stringMatching(/^Draft order: /),
      resource: {
        resourceType: 'ServiceRequest',
        status: 'draft',
        intent: 'proposal',
        subject: { reference: 'Patient/vignette' },
        code: {
          coding: [
            {
              system: 'http://loinc.org',
              code: expect.stringMatching(/^\d+-\d$/),
              display: expect.stringMatching(/^\S/),
            },
          ],
          text: expect.stringMatching(/^\S/),
        },
        reasonCode: [{ text: 'Muscle cramp in kidney disease' }],
      },
    });
    const created = actionsOf(cards).flatMap((action) => (action.type === 'create' ? [action.resource] : []));
    expect(new Set(created.map((resource) => [resource.resourceType, Object.keys(resource).join()].join()))).toEqual(
      new Set(['ServiceRequest,resourceType,status,intent,subject,code,reasonCode']),
    );
  });

  it('A8.68 and B3.13 delete by Type/id alone, and only what stands in the draft orders of the call', () => {
    const removals = answers.flatMap(({ cards: answered, drafts }) =>
      actionsOf(answered).flatMap((action) => (action.type === 'delete' ? [{ action, drafts }] : [])),
    );
    expect(removals.length).toBeGreaterThan(3);
    const wrong = removals.filter(
      ({ action, drafts }) =>
        Object.keys(action).join() !== 'type,description,resourceId' ||
        !drafts.some(({ resourceType, id }) => action.resourceId === `${resourceType}/${id ?? ''}`),
    );
    expect(wrong).toEqual([]);
  });
});
