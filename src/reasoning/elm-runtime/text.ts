import { NotCompiled } from './not-compiled.js';

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new NotCompiled('a text that is none');
}

export function concatenate(a: unknown, b: unknown): string | null {
  return a == null || b == null ? null : textOf(a) + textOf(b);
}

/** Null when nothing is left without the nulls. */
export function combine(list: unknown, separator: unknown = ''): string | null {
  if (list == null) return null;
  if (!Array.isArray(list)) throw new NotCompiled('a list that is none');
  const texts = list.filter((each) => each != null).map(textOf);
  // A separator that is null joins as JavaScript's own does: with a comma for undefined only.
  return texts.length === 0 ? null : texts.join(separator === null ? 'null' : textOf(separator));
}

export function split(text: unknown, separator: unknown): string[] | null {
  if (text == null || text === '') return null;
  return separator == null || separator === '' ? [textOf(text)] : textOf(text).split(textOf(separator));
}

export function substring(text: unknown, start: unknown, length?: unknown): string | null {
  if (text == null || start == null) return null;
  const from = Number(start);
  const whole = textOf(text);
  if (from < 0 || from >= whole.length) return null;
  if (length == null) return whole.slice(from);
  return Number(length) <= 0 ? '' : whole.slice(from, from + Number(length));
}

export function positionOf(pattern: unknown, text: unknown): number | null {
  return pattern == null || text == null ? null : textOf(text).indexOf(textOf(pattern));
}

export function lower(text: unknown): string | null {
  return text == null ? null : textOf(text).toLowerCase();
}

export function endsWith(text: unknown, end: unknown): boolean | null {
  return text == null || end == null ? null : textOf(text).endsWith(textOf(end));
}

/** The whole of the text, as the engine anchors it. */
export function matches(text: unknown, pattern: unknown): boolean | null {
  return text == null || pattern == null ? null : anchored(textOf(pattern)).test(textOf(text));
}

const MOST_PATTERNS = 100;
const patterns = new Map<string, RegExp>();

/** The patterns of the knowledge are literals, so each is compiled once; the limit is for any that would be made of a record. */
function anchored(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const made = new RegExp(`^${pattern}$`);
  if (patterns.size < MOST_PATTERNS) patterns.set(pattern, made);
  return made;
}

export function toText(value: unknown): string | null {
  // Every value of the engine prints itself.
  return value == null ? null : (value as { toString(): string }).toString();
}
