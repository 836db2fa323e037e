const UNITS = 'minute|hour|day|month|year';
const SPAN = `\\d+ (?:${UNITS})s?(?: and \\d+ (?:${UNITS})s?)*`;
const RELATIVE = new RegExp(
  `^(?:the (?<precision>day|month|year) )?(?:now|today|in (?<ahead>${SPAN})|(?<back>${SPAN}) ago)` +
    '(?: at (?<clock>[0-2]\\d:[0-5]\\d)(?<offset>Z|[+-][01]\\d:[0-5]\\d)?)?$',
);
const ABSOLUTE = /^\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?)?)?$/;
const MILLISECONDS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const PRECISION: Readonly<Record<string, number>> = { day: 10, month: 7, year: 4 };

/** `5 days ago`, `2 days ago at 08:00`, `in 3 hours`, `the month 40 days ago`, `17 years and 364 days ago`; clock times are UTC. */
export function isRelativeTime(text: string): boolean {
  return RELATIVE.test(text);
}

/** A relative time, or a FHIR date or dateTime as it stands. */
export function isTime(text: string): boolean {
  return isRelativeTime(text) || ABSOLUTE.test(text);
}

/** The FHIR dateTime a text means at `now`: an instant, or a date where one is asked for; an absolute one is kept. */
export function absoluteTime(text: string, now: Date): string {
  const { precision, ahead, back, clock, offset = 'Z' } = RELATIVE.exec(text)?.groups ?? {};
  if (!isRelativeTime(text)) return text;
  const moment = shifted(now, ahead ?? back ?? '', ahead === undefined ? -1 : 1);
  if (precision !== undefined) return moment.toISOString().slice(0, PRECISION[precision]);
  return clock === undefined ? moment.toISOString() : `${moment.toISOString().slice(0, 10)}T${clock}:00${offset}`;
}

function shifted(now: Date, span: string, sign: 1 | -1): Date {
  return [...span.matchAll(new RegExp(`(\\d+) (${UNITS})`, 'g'))].reduce(
    (moment, [, count, unit = '']) => moved(moment, sign * Number(count), unit),
    now,
  );
}

function moved(moment: Date, count: number, unit: string): Date {
  const milliseconds = MILLISECONDS[unit];
  if (milliseconds !== undefined) return new Date(moment.getTime() + count * milliseconds);
  const date = new Date(moment);
  date.setUTCMonth(date.getUTCMonth() + count * (unit === 'year' ? 12 : 1));
  // A day the month does not have would run over into the next one.
  if (date.getUTCDate() !== moment.getUTCDate()) date.setUTCDate(0);
  return date;
}
