import type { TemplateText } from '../cards/template-text.js';

type Part = TemplateText['parts'][number];

/** Names are cut to so many characters where the template says that they may be. */
const LONGEST_NAME = 40;

/** A text as a CQL string. */
export function cqlString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

/**
 * A template's text as one CQL expression: null when a name outside the optional parts is not known, since `+` with null
 * is null; an optional part is then ''.
 *
 * @param valueOf the CQL expression for a name
 */
export function templateCql({ parts }: TemplateText, valueOf: (name: string) => string): string {
  return joined(parts, valueOf);
}

function joined(parts: readonly Part[], valueOf: (name: string) => string): string {
  const texts = parts.filter((part) => part !== '').map((part) => partCql(part, valueOf));
  return texts.length === 0 ? "''" : texts.join(' + ');
}

function partCql(part: Part, valueOf: (name: string) => string): string {
  if (typeof part === 'string') return cqlString(part);
  if ('optional' in part) return `Coalesce(${joined(part.optional, valueOf)}, '')`;
  return part.mayBeCut ? `Substring(${valueOf(part.name)}, 0, ${String(LONGEST_NAME)})` : valueOf(part.name);
}
