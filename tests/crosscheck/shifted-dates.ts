import { parseFhirTime } from '../../src/reasoning/fhir-time.js';

const DAY = 86_400_000;
/** Elements of the types that the knowledge reads which hold a date, a dateTime or an instant. */
const DATED =
  /^(effectiveDateTime|effectiveInstant|issued|start|end|recordedDate|onsetDateTime|abatementDateTime|authoredOn|birthDate|deceasedDateTime|performedDateTime|dateAsserted)$/;

/** Whole days from the moment of the case to now: the second engine has no other now than its clock's. */
export function daysUntil(now: Date, then: Date): number {
  return Math.floor(now.getTime() / DAY) - Math.floor(then.getTime() / DAY);
}

/** The same with every date so many days later; times of day, precision and offsets stay. */
export function withDatesShifted<Value>(value: Value, days: number): Value {
  return mapped(value, (text) => shifted(text, days));
}

/** The same with every time complete and in one offset, as the record source hands it to our engine. */
export function withTimesComplete<Value>(value: Value): Value {
  return mapped(value, (text) => {
    const time = text.length > 10 ? parseFhirTime(text, 0) : undefined;
    return time === undefined ? text : time.toString();
  });
}

function mapped<Value>(value: Value, change: (text: string) => string): Value {
  // A copy of the same shape, with other dates.
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    DATED.test(key) && typeof inner === 'string' ? change(inner) : inner,
  ) as Value;
}

function shifted(text: string, days: number): string {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?$/.exec(text) ?? [];
  if (year === undefined) return text;
  // The middle of a month or year stands for it.
  const from = Date.parse(`${year}-${month ?? '07'}-${day ?? (month === undefined ? '01' : '15')}`);
  if (Number.isNaN(from)) return text;
  const moved = new Date(from + days * DAY).toISOString().slice(0, Math.min(text.length, 10));
  return moved + text.slice(10);
}
