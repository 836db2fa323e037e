import { dateText } from '../fhir-date.js';
import type { LabSeries } from './lab-series.js';
import { FlagText } from './mark.js';
import { isWithin, type TimeFrame } from './time-frame.js';

const MOST_LINES = 60;

/** The same results as a table, newest first. */
export function ValueTable({ series, frame }: { series: LabSeries; frame: TimeFrame }) {
  const points = series.points.filter(({ time }) => isWithin(frame, time)).reverse();
  return (
    <table class="values">
      <caption>
        {series.analyte} <span class="unit">{series.unit}</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">Date</th>
          <th scope="col">Value</th>
          <th scope="col">Range of the laboratory</th>
          <th scope="col">Flag</th>
        </tr>
      </thead>
      <tbody>
        {points.slice(0, MOST_LINES).map(({ reference, date, shown, low, high, flag }) => (
          <tr key={`${reference}${date}`}>
            <th scope="row">{dateText(date)}</th>
            <td>{shown}</td>
            <td>{rangeText(low, high)}</td>
            <td>
              <FlagText flag={flag} />
            </td>
          </tr>
        ))}
        {points.length === 0 && (
          <tr>
            <td colSpan={4}>Nothing in this window.</td>
          </tr>
        )}
        {points.length > MOST_LINES && (
          <tr>
            <td colSpan={4}>
              {points.length - MOST_LINES} older results are left out of the table; the plot shows them.
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function rangeText(low: number | undefined, high: number | undefined): string {
  if (low !== undefined && high !== undefined) return `${String(low)} – ${String(high)}`;
  if (low !== undefined) return `from ${String(low)}`;
  return high === undefined ? 'none given' : `up to ${String(high)}`;
}
