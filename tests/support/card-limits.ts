import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lexer } from 'marked';
import type { Card } from '../../src/cds-hooks.js';
import { FOLDERS } from '../../src/folders.js';

/** What a card's detail may be made of: anything else would be somebody else's markup. */
const OURS = new Set(['paragraph', 'text', 'strong', 'em', 'list', 'list_item', 'space', 'escape', 'br']);
const HANDOUTS = readdirSync(join(FOLDERS.cards, 'handouts')).map((file) => file.replace(/\.md$/, ''));

/** Where an answer goes beyond what any card may be, whatever was asked; written without the service's own schemas. */
export function limitsBroken(cards: readonly Card[], publicBaseUrl: string): string[] {
  const ours = new Set(HANDOUTS.map((name) => `${publicBaseUrl}/handouts/${name}`));
  return [
    ...(cards.length > 2 ? [`${String(cards.length)} cards`] : []),
    ...cards.flatMap((card) => [
      ...(card.summary.length > 0 && card.summary.length < 140 ? [] : [`a summary of ${String(card.summary.length)}`]),
      ...(/[\n\r\p{Cc}\p{Cf}]/u.test(card.summary) ? ['a summary of several lines, or with what cannot be seen'] : []),
      ...(['info', 'warning', 'critical'].includes(card.indicator) ? [] : [`the indicator ${card.indicator}`]),
      ...(card.links ?? []).filter(({ url }) => !ours.has(url)).map(({ url }) => `a link to ${url}`),
      ...(card.source.url === `${publicBaseUrl}/about` ? [] : [`the source ${String(card.source.url)}`]),
      ...tokensIn(lexer(card.detail ?? ''))
        .filter((type) => !OURS.has(type))
        .map((type) => `a detail with ${type}`),
      ...(/\b(?:undefined|NaN)\b|\[object/.test(`${card.summary}${card.detail ?? ''}`) ? ['an absent value'] : []),
      ...actionsIn(card),
    ]),
  ];
}

/** Tests as drafts, and removals: nothing else is ever proposed. */
function actionsIn({ suggestions = [] }: Card): string[] {
  return suggestions
    .flatMap(({ actions = [] }) => actions)
    .flatMap((action) => {
      if (action.type === 'delete') return [];
      const { resource } = action;
      const isDraft = resource.resourceType === 'ServiceRequest' && resource.status === 'draft';
      return action.type === 'create' && isDraft ? [] : [`the ${action.type} of a ${resource.resourceType}`];
    });
}

interface Token {
  type: string;
  tokens?: Token[];
  items?: Token[];
}

function tokensIn(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ type, tokens: inner = [], items = [] }) => [type, ...tokensIn(inner), ...tokensIn(items)]);
}
