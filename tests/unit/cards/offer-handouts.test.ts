import { describe, expect, it } from '@jest/globals';
import type { CardTemplate, HandoutOffer } from '../../../src/cards/card-template.js';
import { parseText } from '../../../src/cards/template-text.js';
import { offerHandouts } from '../../../src/cards/offer-handouts.js';
import { rankedFinding, WORDING } from '../../support/card-parts.js';

const food: HandoutOffer = { name: 'food', title: 'Food', unless: ['noFood', 'noPaper'] };
const cramp: HandoutOffer = { name: 'cramp', title: 'Cramp', unless: [] };

function offered(cards: Record<string, HandoutOffer[] | undefined>, words: Record<string, string> = {}) {
  const templates = new Map(Object.entries(cards).map(([library, handouts]) => [library, template(library, handouts)]));
  const findings = Object.keys(cards).map((library, place) =>
    rankedFinding(library, { words: place === 0 ? words : {} }),
  );
  return offerHandouts(findings, {
    templates,
    wording: { ...WORDING, 'handout-link': 'For the patient: {{title}}' },
    publicBaseUrl: 'https://cds.example.org',
  });
}

function template(library: string, handouts: HandoutOffer[] | undefined): CardTemplate {
  const sections = { 'can-be-done': [], 'not-suggested': [], evidence: [] };
  return { library, title: library, summaries: [parseText('s')], sections, ...(handouts && { handouts }) };
}

describe('offerHandouts', () => {
  it('links to each page once, in the order the findings name them', () => {
    expect(offered({ A: [cramp], B: [food, cramp], C: undefined })).toEqual([
      { label: 'For the patient: Cramp', url: 'https://cds.example.org/handouts/cramp', type: 'absolute' },
      { label: 'For the patient: Food', url: 'https://cds.example.org/handouts/food', type: 'absolute' },
    ]);
  });

  it('links to nothing for a finding that names no page or has no card', () => {
    expect(offered({ A: undefined })).toEqual([]);
    expect(
      offerHandouts([rankedFinding('Unheard')], { templates: new Map(), wording: WORDING, publicBaseUrl: '' }),
    ).toEqual([]);
  });

  it.each(['noFood', 'noPaper'])('leaves a page out when the knowledge gives the word %s', (word) => {
    expect(offered({ A: [cramp, food] }, { [word]: 'calcification' }).map(({ label }) => label)).toEqual([
      'For the patient: Cramp',
    ]);
  });

  it('leaves it out too when another finding would offer it', () => {
    const always = { ...food, unless: [] };
    expect(offered({ A: [food], B: [always] }, { noFood: 'calcification' })).toEqual([]);
    expect(offered({ A: [food], B: [always] })).toHaveLength(1);
  });
});
