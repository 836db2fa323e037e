const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = 86_400_000;
const FHIR_DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/** The day as the record wrote it, whatever the browser's time zone: `17 Nov 2026`, `Nov 2026`, `2026`. */
export function dayText(date: string): string {
  const [, year, month, day] = FHIR_DATE.exec(date) ?? [];
  if (year === undefined) return 'date not readable';
  const name = month === undefined ? undefined : MONTHS[Number(month) - 1];
  if (name === undefined) return year;
  return day === undefined ? `${name} ${year}` : `${String(Number(day))} ${name} ${year}`;
}

/** `17 Nov 2026, 08:00`; a date without a time is shown without one. */
export function dateText(date: string): string {
  const time = FHIR_DATE.exec(date)?.[4];
  return time === undefined ? dayText(date) : `${dayText(date)}, ${time}`;
}

/** Milliseconds; an instant without an offset is UTC; NaN for what is no FHIR date. */
export function instantOf(date: string): number {
  const [, , , , time, offset] = FHIR_DATE.exec(date) ?? [];
  if (!FHIR_DATE.test(date)) return NaN;
  return Date.parse(time !== undefined && offset === undefined ? `${date}Z` : date);
}

/** `5 days before`, counted in calendar days of the record. */
export function ageText(date: string, seenFrom: string): string {
  const days = Math.round((Date.parse(seenFrom.slice(0, 10)) - Date.parse(date.slice(0, 10))) / DAY);
  if (Number.isNaN(days)) return '';
  if (days === 0) return 'the same day';
  const count = Math.abs(days) === 1 ? '1 day' : `${String(Math.abs(days))} days`;
  return days > 0 ? `${count} before` : `${count} after`;
}

/** Whole years between two days. */
export function yearsBetween(birthDate: string, seenFrom: string): number | undefined {
  const [birthYear = NaN, birthMonth = 1, birthDay = 1] = birthDate.slice(0, 10).split('-').map(Number);
  const [year = NaN, month = 1, day = 1] = seenFrom.slice(0, 10).split('-').map(Number);
  const isBefore = month < birthMonth || (month === birthMonth && day < birthDay);
  const years = year - birthYear - (isBefore ? 1 : 0);
  return Number.isNaN(years) ? undefined : years;
}

/** The FHIR instant of a moment, and in its words `22 Nov 2026, 15:30 UTC`. */
export function momentText(instant: string): string {
  return `${dateText(instant)} ${/Z$/.test(instant) ? 'UTC' : ''}`.trim();
}
