import type { Link } from '../cds-hooks.js';
import type { RankedFinding } from '../reasoning/advice.js';
import { flattened } from '../flattened.js';
import type { CardTemplate, HandoutOffer } from './card-template.js';
import type { CardWording } from './card-wording.js';
import { plainText } from './escape-markdown.js';
import { fill, parseText } from './template-text.js';

export interface HandoutParts {
  templates: ReadonlyMap<string, CardTemplate>;
  wording: CardWording;
  publicBaseUrl: string;
}

/** Links to the pages the findings' cards name, each once; what one finding forbids, no other offers. */
export function offerHandouts(findings: readonly RankedFinding[], parts: HandoutParts): Link[] {
  const named = flattened(
    findings.map(({ library, words }) =>
      (parts.templates.get(library)?.handouts ?? []).map((offer) => ({ offer, words })),
    ),
  );
  const forbidden = new Set(
    named
      .filter(({ offer, words }) => offer.unless.some((word) => words[word] !== undefined))
      .map(({ offer }) => offer.name),
  );
  const offered = new Map(named.map(({ offer }) => [offer.name, offer]));
  return [...offered.values()].filter(({ name }) => !forbidden.has(name)).map((offer) => linkTo(offer, parts));
}

function linkTo({ name, title }: HandoutOffer, { wording, publicBaseUrl }: HandoutParts): Link {
  const label = fill(parseText(wording['handout-link']), { title }, (value) => plainText(value)) ?? title;
  return { label, url: `${publicBaseUrl}/handouts/${name}`, type: 'absolute' };
}
