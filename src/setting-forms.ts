import { z } from 'zod';
import { withoutTrailingSlashes } from './trailing-slashes.js';

// What a setting may look like. Every message is our own, so none repeats a value.

export const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

export function wholeNumber(least: number, most: number) {
  const words = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, words)
    .transform(Number)
    .refine((value) => value >= least && value <= most, words);
}

export function commaList<Item extends z.ZodType<unknown, string>>(item: Item) {
  const toItems = (text: string) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return z.string().transform(toItems).pipe(z.array(item));
}

export const origin = z.string().refine(
  // A wildcard would open the answers to every page the clinician visits.
  (text) => /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text,
  'must be origins such as https://ehr.example.org, without path or wildcard',
);

export const baseUrl = z
  .string()
  // What lacks the slashes a parser would mend, and what is compared with it as a text would differ.
  .refine(
    (text) => /^https?:\/\/[^/]/.test(text) && URL.canParse(text) && !/[?#@]/.test(text),
    'must be a http or https URL',
  )
  .transform(withoutTrailingSlashes);

export const databaseUrl = z
  .string()
  .refine(
    (text) => (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) || /^file:(?!:memory:)[^?#]+$/.test(text),
    'must be file:PATH or postgres://...',
  );

export const timeZone = z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin');

export const host = z.string().regex(/^[A-Za-z0-9.:_-]+$/, 'must be an address or a host name');

function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
