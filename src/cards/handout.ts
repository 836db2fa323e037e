import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import { withOwnTexts } from '../own-texts.js';
import { splitFrontMatter } from './front-matter.js';

const text = z.string().min(1);

const handoutHead = z.strictObject({
  title: text,
  lang: z.string().regex(/^[a-z]{2,3}(-[A-Z]{2})?$/),
  summary: text,
  blanks: z.array(text).default([]),
  foot: text,
});

/** A page for the patient, as its author wrote it. */
export interface Handout extends z.infer<typeof handoutHead> {
  /** kebab-case; its address. */
  name: string;
  markdown: string;
}

/**
 * Reads every page of a folder, by name.
 *
 * @throws ServiceError `invalid-knowledge` naming the page that is wrong and why
 */
export function readHandouts(folder: string): Map<string, Handout> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.md')) : [];
  const names = files.filter((file) => file !== 'README.md').map((file) => file.replace(/\.md$/, ''));
  return new Map(names.sort().map((name) => [name, readHandout(folder, name)]));
}

function readHandout(folder: string, name: string): Handout {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw refused(name, 'its name is not in kebab-case');
  const parts = splitFrontMatter(readFileSync(join(folder, `${name}.md`), 'utf8'));
  if (parts === undefined) throw refused(name, 'it does not begin with a head between two lines of ---');
  return { ...readHead(name, parts.head), name, markdown: parts.body };
}

function readHead(name: string, head: string): z.infer<typeof handoutHead> {
  try {
    return withOwnTexts(handoutHead.parse(parse(head)));
  } catch (cause) {
    throw refused(name, 'its head is wrong', cause);
  }
}

function refused(name: string, why: string, cause?: unknown): ServiceError {
  return new ServiceError('invalid-knowledge', `The handout ${name}.md cannot be used: ${why}.`, { cause });
}
