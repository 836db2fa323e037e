import { withOwnTexts } from '../own-texts.js';

/** Values for the names of a template; absent ones are not known. */
export type Words = Readonly<Record<string, string>>;

/** A name may end in `…` where its value may be cut to make a summary fit. */
interface NamePart {
  name: string;
  mayBeCut: boolean;
}
type Part = string | NamePart | { optional: Part[] };

/** Text with `{{names}}`, and `[[parts]]` that are left out when a name in them is not known. */
export interface TemplateText {
  parts: Part[];
}

const parsed = new Map<string, TemplateText>();

/** Reads text with `{{name}}`, `{{name…}}` and `[[optional part]]` (not nested). Each is read once: all are of the knowledge. */
export function parseText(text: string): TemplateText {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const parts = text.split(/(\[\[.*?\]\])/).map((part): Part[] => {
    const optional = /^\[\[(.*)\]\]$/.exec(part)?.[1];
    return optional === undefined ? parseNames(part) : [{ optional: parseNames(optional) }];
  });
  const read = withOwnTexts({ parts: parts.flat() });
  parsed.set(text, read);
  return read;
}

/** Whether braces or brackets would be printed as they stand. */
export function isBroken({ parts }: TemplateText): boolean {
  return parts.some(isBrokenPart);
}

function isBrokenPart(part: Part): boolean {
  if (typeof part === 'string') return /\{\{|\}\}|\[\[|\]\]/.test(part);
  return 'optional' in part && part.optional.some(isBrokenPart);
}

function parseNames(text: string): Part[] {
  const parts = text.split(/(\{\{\w+…?\}\})/).filter((part) => part !== '');
  return parts.map((part): Part => {
    const match = /^\{\{(\w+)(…?)\}\}$/.exec(part);
    return match?.[1] === undefined ? part : { name: match[1], mayBeCut: match[2] === '…' };
  });
}

/** The names a text would be filled with. */
export function namesInText({ parts }: TemplateText): string[] {
  return parts.flatMap(namesInPart);
}

function namesInPart(part: Part): string[] {
  if (typeof part === 'string') return [];
  return 'optional' in part ? part.optional.flatMap(namesInPart) : [part.name];
}

/**
 * Fills a text, each value passed through `show`.
 *
 * @returns undefined when a name outside the optional parts is not known
 */
export function fill(
  text: TemplateText,
  words: Words,
  show: (value: string, mayBeCut: boolean) => string,
): string | undefined {
  return fillParts(text.parts, [words], show);
}

/** The same with words of several sources: of a name that more than one knows, the first one's value. */
export function fillFrom(
  text: TemplateText,
  sources: readonly Words[],
  show: (value: string, mayBeCut: boolean) => string,
): string | undefined {
  return fillParts(text.parts, sources, show);
}

function fillParts(
  parts: readonly Part[],
  sources: readonly Words[],
  show: (value: string, mayBeCut: boolean) => string,
): string | undefined {
  let filled = '';
  for (const part of parts) {
    if (typeof part === 'string') filled += part;
    else if ('optional' in part) filled += fillParts(part.optional, sources, show) ?? '';
    else {
      const value = wordFor(part.name, sources);
      if (value === undefined) return undefined;
      filled += show(value, part.mayBeCut);
    }
  }
  return filled;
}

function wordFor(name: string, sources: readonly Words[]): string | undefined {
  // A name may be that of a method, such as every object has.
  return sources.find((words) => Object.hasOwn(words, name))?.[name];
}
