import { ticks } from 'd3-array';
import type { LabPoint } from './lab-series.js';

/** Pixels. */
export const PLOT_HEIGHT = 74;
const MARGIN = 9;
/** From here on a linear scale would press the low values flat. */
const LOG_FROM_RATIO = 10;

export interface PlotScale {
  isLog: boolean;
  /** Pixels from the top. */
  down: (value: number) => number;
  ticks: number[];
}

/** Holds every value, the laboratory's range and the limits used; logarithmic when the values span more than tenfold. */
export function plotScale(points: readonly LabPoint[], limits: readonly number[]): PlotScale {
  const values = points.map(({ value }) => value);
  const edges = points.flatMap(({ low, high }) => [low, high]).filter((edge) => edge !== undefined);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isLog = least > 0 && most / least > LOG_FROM_RATIO;
  const all = [...values, ...edges, ...limits].filter((value) => !isLog || value > 0);
  const [bottom, top] = domainOf(all, isLog);
  const toUnit = isLog ? Math.log10 : (value: number) => value;
  const down = (value: number): number => {
    const share = (toUnit(value) - toUnit(bottom)) / (toUnit(top) - toUnit(bottom));
    return PLOT_HEIGHT - MARGIN - share * (PLOT_HEIGHT - 2 * MARGIN);
  };
  return { isLog, down, ticks: isLog ? powers(bottom, top) : ticks(bottom, top, 3) };
}

function domainOf(values: readonly number[], isLog: boolean): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (isLog) return [least / 1.1, most * 1.1];
  const room = (most - least) * 0.06 || Math.abs(most) * 0.1 || 1;
  return [least - room, most + room];
}

function powers(bottom: number, top: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(bottom)); 10 ** power <= top; power += 1)
    for (const step of [1, 3])
      if (step * 10 ** power >= bottom && step * 10 ** power <= top) found.push(step * 10 ** power);
  return found;
}

/** A stretch of the laboratory's range; an open end reaches to the edge of the plot. */
export interface Band {
  /** Milliseconds; absent: from the left edge, to the right edge. */
  from?: number;
  to?: number;
  low?: number;
  high?: number;
}

/** The ranges the results came with, stepped where the laboratory changed them. */
export function bandsOf(points: readonly LabPoint[]): Band[] {
  const bands: Band[] = [];
  for (const { time, low, high } of points) {
    const last = bands.at(-1);
    if (last !== undefined && last.low === low && last.high === high) continue;
    if (last !== undefined) last.to = time;
    bands.push({
      ...(last === undefined ? {} : { from: time }),
      ...(low === undefined ? {} : { low }),
      ...(high === undefined ? {} : { high }),
    });
  }
  return bands.filter(({ low, high }) => low !== undefined || high !== undefined);
}

/** Where results stand closer than a mark is wide, those in range give way; low and high are always kept. */
export function thinned(points: readonly LabPoint[], across: (time: number) => number, most: number): LabPoint[] {
  if (points.length <= most) return [...points];
  let last = -Infinity;
  return points.filter(({ time, flag }) => {
    const at = across(time);
    if (flag !== 'low' && flag !== 'high' && at - last < 100 / most) return false;
    last = at;
    return true;
  });
}
