import type { LabPoint } from './lab-series.js';
import { Mark } from './mark.js';
import { type Band, bandsOf, PLOT_HEIGHT, plotScale, thinned } from './plot-scale.js';
import { across, isGap, isWithin, ticksOf, type TimeFrame } from './time-frame.js';

const MOST_MARKS = 200;
/** Pixels between numbers at the left. */
const LINE_HEIGHT = 14;
/** Marks stay inside the plot at its edges. */
const percent = (at: number): string => `${at.toFixed(3)}%`;

/** A threshold the service compared a value with. */
export interface Limit {
  value: number;
  unit: string;
}

export interface TrendPlotProps {
  points: readonly LabPoint[];
  frame: TimeFrame;
  limits: readonly Limit[];
  ringed?: string | undefined;
  starts: readonly number[];
  chosen: number | undefined;
  onChoose: (index: number | undefined) => void;
}

/** Drawn in percent of the width, so that screen, side panel and paper need no measuring. */
export function TrendPlot({ points, frame, limits, ringed, starts, chosen, onChoose }: TrendPlotProps) {
  const decimals = Math.max(...points.map(({ value }) => decimalsOf(value)));
  const { down, ticks, isLog } = plotScale(
    points,
    limits.map(({ value }) => value),
  );
  const at = (time: number): string => percent(across(frame, time));
  const marks = thinned(points, (time) => across(frame, time), MOST_MARKS);
  const atChosen = chosen === undefined ? undefined : points[chosen];
  return (
    <svg class="plot-svg" height={PLOT_HEIGHT} aria-hidden="true" data-scale={isLog ? 'log' : 'linear'}>
      {bandsOf(points).map((band) => (
        <BandShape band={band} frame={frame} down={down} />
      ))}
      {ticksOf(frame).map((tick) => (
        <line class="grid" x1={percent(tick.at)} x2={percent(tick.at)} y1="0" y2={PLOT_HEIGHT} />
      ))}
      {apart(
        ticks.map(down),
        limits.map(({ value }) => down(value)),
      ).map((y) => (
        <text class="y-tick" x="-8" y={y + 4}>
          {String(Number(ticks[ticks.map(down).indexOf(y)]?.toPrecision(4)))}
        </text>
      ))}
      {limits.map(({ value }) => (
        <g class="limit">
          <line x1="0" x2="100%" y1={down(value)} y2={down(value)} />
          <text x="-8" y={down(value) + 4}>
            rule {value.toFixed(Math.max(decimals, decimalsOf(value)))}
          </text>
        </g>
      ))}
      {starts
        .filter((start) => isWithin(frame, start))
        .map((start) => (
          <line class="start" x1={at(start)} x2={at(start)} y1="0" y2={PLOT_HEIGHT} />
        ))}
      <Lines points={points} frame={frame} down={down} />
      {atChosen !== undefined && (
        <line class="cursor" x1={at(atChosen.time)} x2={at(atChosen.time)} y1="0" y2={PLOT_HEIGHT} />
      )}
      {marks.map((point) => (
        <svg
          x={at(point.time)}
          y={down(point.value)}
          class="point"
          data-reference={point.reference}
          data-value={point.value}
        >
          <Mark
            flag={point.flag}
            isBound={point.comparator !== undefined}
            isRinged={point.reference === ringed || point === atChosen}
          />
          <rect
            class="target"
            x="-12"
            y="-12"
            width="24"
            height="24"
            onPointerEnter={() => {
              onChoose(points.indexOf(point));
            }}
          />
        </svg>
      ))}
    </svg>
  );
}

/** The ticks that have room beside the limits and each other. */
function apart(ticks: readonly number[], limits: readonly number[]): number[] {
  const kept: number[] = [];
  for (const y of ticks) if ([...limits, ...kept].every((other) => Math.abs(other - y) >= LINE_HEIGHT)) kept.push(y);
  return kept;
}

function decimalsOf(value: number): number {
  return /\.(\d+)/.exec(String(value))?.[1]?.length ?? 0;
}

function BandShape({ band, frame, down }: { band: Band; frame: TimeFrame; down: (value: number) => number }) {
  const left = Math.max(0, band.from === undefined ? 0 : across(frame, band.from));
  const right = Math.min(100, band.to === undefined ? 100 : across(frame, band.to));
  const top = band.high === undefined ? 0 : down(band.high);
  const bottom = band.low === undefined ? PLOT_HEIGHT : down(band.low);
  if (right <= left) return null;
  const edges = [band.high === undefined ? [] : [top], band.low === undefined ? [] : [bottom]].flat();
  return (
    <g class="band">
      <rect x={percent(left)} width={percent(right - left)} y={top} height={Math.max(0, bottom - top)} />
      {edges.map((y) => (
        <line x1={percent(left)} x2={percent(right)} y1={y} y2={y} />
      ))}
    </g>
  );
}

/** Straight between neighbours; dotted over a gap in sampling, and to or from a bound. */
function Lines({
  points,
  frame,
  down,
}: Pick<TrendPlotProps, 'points' | 'frame'> & { down: (value: number) => number }) {
  const times = points.map(({ time }) => time);
  return (
    <g class="lines">
      {points.slice(1).map((point, index) => {
        const before = points[index] ?? point;
        const isLoose =
          point.comparator !== undefined ||
          before.comparator !== undefined ||
          isGap(before.time, point.time, times, frame);
        return (
          <line
            class={isLoose ? 'gap' : undefined}
            x1={percent(across(frame, before.time))}
            x2={percent(across(frame, point.time))}
            y1={down(before.value)}
            y2={down(point.value)}
          />
        );
      })}
    </g>
  );
}
