import { readFileSync } from 'node:fs';

type Settings = Record<string, string | undefined>;

/**
 * The settings with DATABASE_URL read from the file that DATABASE_URL_FILE names: it may hold a password, and the environment of
 * a process is seen by more than a file is. Problems name the variable and never what it holds.
 */
export function withDatabaseUrl(set: Settings): { set: Settings; problems: string[] } {
  const file = set['DATABASE_URL_FILE'];
  if (file === undefined) return { set, problems: [] };
  if (set['DATABASE_URL'] !== undefined) return refused(set, 'cannot be said beside DATABASE_URL');
  const url = textOf(file);
  if (url === undefined) return refused(set, 'the file cannot be read');
  if (url === '') return refused(set, 'the file is empty');
  return { set: { ...set, DATABASE_URL: url }, problems: [] };
}

function refused(set: Settings, words: string): { set: Settings; problems: string[] } {
  return { set, problems: [`DATABASE_URL_FILE: ${words}`] };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
