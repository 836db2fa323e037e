import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import { withOwnTexts } from '../own-texts.js';
import { splitFrontMatter } from './front-matter.js';
import { type Handout, readHandouts } from './handout.js';
import { isBroken, namesInText, parseText, type TemplateText } from './template-text.js';

export type SectionName = 'can-be-done' | 'not-suggested' | 'evidence';

/** A page for the patient that a card links to. */
export interface HandoutOffer {
  name: string;
  title: string;
  /** Card words of which none may be known: each says why the page must not be shown. */
  unless: string[];
}

/** The wording of one knowledge library. */
export interface CardTemplate {
  /** Name of the library, PascalCase. */
  library: string;
  /** The finding in words. */
  title: string;
  /** The first whose names are all known is used. */
  summaries: TemplateText[];
  urgent?: TemplateText;
  repeat?: TemplateText;
  sections: Record<SectionName, TemplateText[]>;
  handouts?: HandoutOffer[];
}

const frontMatter = z.strictObject({
  title: z.string().min(1),
  summary: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  urgent: z.string().min(1).optional(),
  repeat: z.string().min(1).optional(),
  handouts: z
    .array(
      z.union([
        z.string().transform((name) => ({ name, unless: [] })),
        z.strictObject({ name: z.string(), unless: z.array(z.string()).min(1) }),
      ]),
    )
    .min(1)
    .optional(),
});

const HEADINGS: Readonly<Record<string, SectionName>> = {
  'What can be done': 'can-be-done',
  'Not suggested': 'not-suggested',
  Evidence: 'evidence',
};

/** Names every template may use beside those of its library. */
const COMMON_NAMES = ['lead', 'likelihood'];

/**
 * Reads the templates of all libraries of the knowledge; the handouts they name stand in a folder beside them.
 *
 * @param words the names each library's template may use
 * @throws ServiceError `invalid-knowledge` naming the template that is missing, or wrong and why
 */
export function readCardTemplates(
  folder: string,
  words: ReadonlyMap<string, readonly string[]>,
): Map<string, CardTemplate> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const names = new Set([...words.keys(), ...files.map((file) => basename(file, '.md'))]);
  const handouts = readHandouts(join(folder, 'handouts'));
  return new Map([...names].map((name) => [name, readTemplate(folder, name, words.get(name), handouts)]));
}

function readTemplate(
  folder: string,
  library: string,
  words: readonly string[] | undefined,
  handouts: ReadonlyMap<string, Handout>,
): CardTemplate {
  if (words === undefined) refuse(library, 'there is no library of this name');
  const text = readText(join(folder, `${library}.md`), library);
  const parts = splitFrontMatter(text);
  if (parts === undefined) refuse(library, 'it does not begin with a head between two lines of ---');
  const head = readHead(library, parts.head);
  const template: CardTemplate = {
    library,
    title: head.title,
    summaries: [head.summary].flat().map(parseText),
    ...(head.urgent === undefined ? {} : { urgent: parseText(head.urgent) }),
    ...(head.repeat === undefined ? {} : { repeat: parseText(head.repeat) }),
    sections: readSections(library, parts.body),
    ...(head.handouts === undefined ? {} : { handouts: offersOf(head.handouts, library, handouts) }),
  };
  if (textsOf(template).some(isBroken)) refuse(library, 'a {{name}} or [[part]] is broken');
  const unknown = namesIn(template).find((name) => ![...COMMON_NAMES, ...words].includes(name));
  if (unknown !== undefined) refuse(library, `its library has no card word {{${unknown}}}`);
  return template;
}

function readText(path: string, library: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ServiceError('invalid-knowledge', `The card ${library}.md is missing.`, { cause });
  }
}

function readHead(library: string, head: string): z.infer<typeof frontMatter> {
  try {
    return withOwnTexts(frontMatter.parse(parse(head)));
  } catch (cause) {
    throw new ServiceError('invalid-knowledge', `The head of the card ${library}.md is wrong.`, { cause });
  }
}

function readSections(library: string, body: string): Record<SectionName, TemplateText[]> {
  const sections: Record<SectionName, TemplateText[]> = { 'can-be-done': [], 'not-suggested': [], evidence: [] };
  let section: SectionName | undefined;
  for (const line of body.split('\n').filter((each) => each.trim() !== '')) {
    const heading = /^## (.+)$/.exec(line)?.[1];
    const item = /^- (.+)$/.exec(line)?.[1];
    if (heading !== undefined) section = HEADINGS[heading] ?? refuse(library, `it has an unknown heading "${heading}"`);
    else if (item === undefined || section === undefined) refuse(library, `"${line}" is no item under a heading`);
    else sections[section].push(parseText(item));
  }
  return sections;
}

function refuse(library: string, why: string): never {
  throw new ServiceError('invalid-knowledge', `The card ${library}.md cannot be used: ${why}.`);
}

function offersOf(
  named: readonly Omit<HandoutOffer, 'title'>[],
  library: string,
  handouts: ReadonlyMap<string, Handout>,
): HandoutOffer[] {
  return named.map((offer) => {
    const handout = handouts.get(offer.name) ?? refuse(library, `there is no handout "${offer.name}"`);
    return { ...offer, title: handout.title };
  });
}

function textsOf(template: CardTemplate): TemplateText[] {
  const texts = [...template.summaries, template.urgent, template.repeat, ...Object.values(template.sections).flat()];
  return texts.filter((text) => text !== undefined);
}

function namesIn(template: CardTemplate): string[] {
  const names = textsOf(template).flatMap(namesInText);
  return [...names, ...(template.handouts ?? []).flatMap(({ unless }) => unless)];
}
