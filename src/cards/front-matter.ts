/** A text whose head stands between two lines of `---`; undefined when it has none. */
export function splitFrontMatter(text: string): { head: string; body: string } | undefined {
  const match = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text);
  return match === null ? undefined : { head: match[1] ?? '', body: match[2] ?? '' };
}
