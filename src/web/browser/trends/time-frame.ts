import { utcTicks } from 'd3-time';
import type { LabPoint } from './lab-series.js';

const DAY = 86_400_000;
const LEAST_SPAN = 2 * DAY;
/** Of the newest results: one old outlier must not squeeze the rest. */
const RECENT_SHARE = 0.94;
/** Fewer are all shown. */
const FEW = 50;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export type WindowName = 'all' | '7d' | '30d' | '90d' | '1y';

export const WINDOWS: readonly { name: WindowName; label: string; days?: number }[] = [
  { name: 'all', label: 'All recent' },
  { name: '7d', label: '7 days', days: 7 },
  { name: '30d', label: '30 days', days: 30 },
  { name: '90d', label: '90 days', days: 90 },
  { name: '1y', label: '1 year', days: 365 },
];

/** The time axis that all rows share. */
export interface TimeFrame {
  start: number;
  end: number;
}

export function timeFrame(window: WindowName, points: readonly LabPoint[], seenFrom: number): TimeFrame {
  const days = WINDOWS.find(({ name }) => name === window)?.days;
  const end = seenFrom;
  if (days !== undefined) return padded(end - days * DAY, end);
  const times = points
    .map(({ time }) => time)
    .filter((time) => time <= end)
    .sort((a, b) => b - a);
  const kept = times.length > FEW ? Math.ceil(times.length * RECENT_SHARE) : times.length;
  const oldest = times[kept - 1] ?? end - 30 * DAY;
  return padded(Math.min(oldest, end - LEAST_SPAN), end);
}

function padded(start: number, end: number): TimeFrame {
  const margin = (end - start) * 0.03;
  return { start: start - margin, end: end + margin };
}

/** Percent of the width. */
export function across({ start, end }: TimeFrame, time: number): number {
  return ((time - start) / (end - start)) * 100;
}

export function isWithin({ start, end }: TimeFrame, time: number): boolean {
  return time >= start && time <= end;
}

export interface Tick {
  at: number;
  label: string;
  /** Said once, and again when it changes. */
  year?: string;
  /** May be left out where there is little room. */
  minor: boolean;
}

export function ticksOf(frame: TimeFrame): Tick[] {
  const dates = utcTicks(new Date(frame.start), new Date(frame.end), 6);
  const withTime = dates.some((date) => date.getUTCHours() !== 0);
  let year: number | undefined;
  return dates
    .map((date) => ({ date, at: across(frame, date.getTime()) }))
    .filter(({ at }) => at > 2 && at < 98)
    .map(({ date, at }, index) => {
      const isNewYear = date.getUTCFullYear() !== year;
      year = date.getUTCFullYear();
      const day = `${String(date.getUTCDate())} ${MONTHS[date.getUTCMonth()] ?? ''}`;
      const label = withTime && date.getUTCHours() !== 0 ? date.toISOString().slice(11, 16) : day;
      return { at, label, minor: index % 2 === 1, ...(isNewYear ? { year: String(year) } : {}) };
    });
}

/** Whether neighbours are so far apart that the line between them says nothing: over three times the usual gap, or a fifth of the window. */
export function isGap(before: number, after: number, times: readonly number[], { start, end }: TimeFrame): boolean {
  const gaps = times
    .slice(1)
    .map((time, index) => time - (times[index] ?? time))
    .sort((a, b) => a - b);
  const median = gaps[Math.floor(gaps.length / 2)] ?? 0;
  const gap = after - before;
  return (gaps.length > 1 && gap > 3 * median) || gap > (end - start) / 5;
}
