import type { EvidenceLine } from '../reasoning/finding.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MILLISECONDS_PER_DAY = 86_400_000;

/**
 * A line of evidence as a sentence: `Albumin 4.1 g/dL (12 May 2026, 5 days ago)`.
 *
 * @param today `YYYY-MM-DD` in the offset of the evaluation; the line's date is in the same offset
 */
export function showEvidence({ text, shown, date }: EvidenceLine, today: string): string {
  const value = shown === undefined ? '' : ` ${shown}`;
  const when = date === undefined ? '' : ` (${showDate(date, today)})`;
  return `${capitalised(text)}${value}${when}`;
}

/** The limit a value was compared with, with the decimals and in the unit of the value: `, limit 8.4`. */
export function showLimit({ shown, unit, limit }: EvidenceLine): string {
  if (limit === undefined) return '';
  const decimals = /\.(\d+)/.exec(shown ?? '')?.[1]?.length ?? 0;
  const written = String(limit.value);
  const value = (/\.(\d+)/.exec(written)?.[1]?.length ?? 0) < decimals ? limit.value.toFixed(decimals) : written;
  return limit.unit === unit || limit.unit === '1' ? `, limit ${value}` : `, limit ${value} ${limit.unit}`;
}

/** `2026-05-12T08:00:00Z` -> `12 May 2026, 5 days ago`; a date of month or year precision is shown without an age. */
export function showDate(date: string, today: string): string {
  const [year, month, day] = [date.slice(0, 4), MONTHS[Number(date.slice(5, 7)) - 1], date.slice(8, 10)];
  if (month === undefined) return year;
  if (day === '') return `${month} ${year}`;
  return `${String(Number(day))} ${month} ${year}, ${showAge(date.slice(0, 10), today)}`;
}

function showAge(day: string, today: string): string {
  const days = Math.round((Date.parse(today) - Date.parse(day)) / MILLISECONDS_PER_DAY);
  if (days === 0) return 'today';
  if (days < 0) return days === -1 ? 'in 1 day' : `in ${String(-days)} days`;
  return days === 1 ? '1 day ago' : `${String(days)} days ago`;
}

export function capitalised(text: string): string {
  return /^[a-z][a-z]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
