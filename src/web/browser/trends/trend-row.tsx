import { useState } from 'preact/hooks';
import { ageText, dateText, dayText } from '../fhir-date.js';
import type { LabPoint, LabSeries } from './lab-series.js';
import { FlagText } from './mark.js';
import { type Limit, TrendPlot } from './trend-plot.js';
import { isWithin, type TimeFrame } from './time-frame.js';

const OLD_DAYS = 30;
const DAY = 86_400_000;

export interface TrendRowProps {
  series: LabSeries;
  frame: TimeFrame;
  /** FHIR instant. */
  seenFrom: string;
  limits: readonly Limit[];
  /** Reference of the result that is pointed at. */
  ringed?: string | undefined;
  /** Starts of medicines that are evidence. */
  starts: readonly number[];
  /** Says a value aloud. */
  announce: (text: string) => void;
}

/** One analyte in one unit: newest value at the left, its course at the right. */
export function TrendRow(props: TrendRowProps) {
  const { series, frame, seenFrom, announce } = props;
  const [chosen, setChosen] = useState<number>();
  const newest = series.points.at(-1);
  const within = series.points.filter(({ time }) => isWithin(frame, time));
  if (newest === undefined) return null;
  const choose = (index: number | undefined): void => {
    const point = index === undefined ? undefined : within[index];
    setChosen(point === undefined ? undefined : index);
    if (point !== undefined) announce(`${series.analyte}: ${pointText(point, series.unit)}`);
  };
  const shown = (chosen === undefined ? undefined : within[chosen]) ?? newest;
  return (
    <div class="row" data-row={series.analyte}>
      <RowHead series={series} point={shown} isNewest={shown === newest} seenFrom={seenFrom} />
      {within.length === 0 ? (
        <p class="empty">
          Nothing in this window. Last: {newest.shown} {series.unit} on {dayText(newest.date)},{' '}
          {ageText(newest.date, seenFrom)}
        </p>
      ) : (
        <div
          class="plot"
          role="application"
          tabIndex={0}
          aria-label={sentence(series, within)}
          onKeyDown={(event) => {
            const next = stepped(event.key, chosen ?? within.length - 1, within.length);
            if (next === undefined) return;
            event.preventDefault();
            choose(next === 'leave' ? undefined : next);
          }}
          onFocus={() => {
            if (chosen === undefined) choose(within.length - 1);
          }}
          onBlur={() => {
            choose(undefined);
          }}
          onPointerLeave={() => {
            choose(undefined);
          }}
        >
          <TrendPlot {...props} points={within} chosen={chosen} onChoose={choose} />
        </div>
      )}
    </div>
  );
}

function RowHead({
  series,
  point,
  isNewest,
  seenFrom,
}: {
  series: LabSeries;
  point: LabPoint;
  isNewest: boolean;
  seenFrom: string;
}) {
  const isOld = Date.parse(seenFrom) - point.time > OLD_DAYS * DAY;
  return (
    <div class="row-head">
      <h3>
        {series.analyte}{' '}
        <span class="unit">
          {series.unit}
          {series.alsoSpelled !== undefined && `, also as ${series.alsoSpelled}`}
        </span>
      </h3>
      <p class="value">
        <b>{point.shown}</b> <FlagText flag={point.flag} />
      </p>
      <p class="when">
        {dateText(point.date)}
        {isOld && `, ${ageText(point.date, seenFrom)}`}
        {!isNewest && ' · not the newest'}
      </p>
    </div>
  );
}

function stepped(key: string, from: number, count: number): number | 'leave' | undefined {
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, from - 1);
    case 'ArrowRight':
      return Math.min(count - 1, from + 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'Escape':
      return 'leave';
    default:
      return undefined;
  }
}

export function pointText({ shown, flag, date }: LabPoint, unit: string): string {
  return `${shown} ${unit}, ${flag}, ${dateText(date)}`;
}

function sentence({ analyte, unit }: LabSeries, points: readonly LabPoint[]): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return analyte;
  const byValue = [...points].sort((a, b) => a.value - b.value);
  const [lowest, highest] = [byValue[0] ?? last, byValue.at(-1) ?? last];
  const count =
    points.length === 1
      ? '1 result'
      : `${String(points.length)} results, ${dayText(first.date)} to ${dayText(last.date)}`;
  const span = points.length === 1 ? '' : ` Lowest ${lowest.shown}, highest ${highest.shown}.`;
  return `${analyte}: ${count}. Newest ${pointText(last, unit)}.${span} Left and right arrows step through the results.`;
}
