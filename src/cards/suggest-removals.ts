import type { Suggestion } from '../cds-hooks.js';
import type { Finding } from '../reasoning/finding.js';
import { plainText } from './escape-markdown.js';
import type { CardWording } from './card-wording.js';
import { fill, parseText } from './template-text.js';

/** Removal of unsafe drafts of the context, one suggestion each; never preselected. */
export function suggestRemovals(
  findings: readonly Finding[],
  { wording, newId }: { wording: CardWording; newId: () => string },
): Suggestion[] {
  const drafts = new Map(findings.flatMap(({ removable }) => removable.map((draft) => [draft.reference, draft])));
  return [...drafts.values()].map(({ name, reference }) => {
    const label = fill(parseText(wording['remove-draft']), { drug: name }, (value) => plainText(value)) ?? reference;
    return {
      label,
      uuid: newId(),
      isRecommended: false,
      actions: [{ type: 'delete', description: label, resourceId: reference }],
    };
  });
}
