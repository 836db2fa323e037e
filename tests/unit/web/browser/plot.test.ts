import { describe, expect, it } from '@jest/globals';
import type { LabPoint } from '../../../../src/web/browser/trends/lab-series.js';
import { bandsOf, plotScale, thinned } from '../../../../src/web/browser/trends/plot-scale.js';
import { across, isGap, ticksOf, timeFrame } from '../../../../src/web/browser/trends/time-frame.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-05-17T12:00:00Z');

function point(daysAgo: number, value = 4, more: Partial<LabPoint> = {}): LabPoint {
  const time = NOW - daysAgo * DAY;
  return {
    reference: 'Observation/x',
    time,
    date: new Date(time).toISOString(),
    value,
    shown: String(value),
    flag: 'in range',
    ...more,
  };
}

describe('the time axis', () => {
  it('ends at the moment the record is seen from, and is true to time', () => {
    const frame = timeFrame('30d', [], NOW);
    expect(frame.end).toBeGreaterThan(NOW);
    const [a, b, c] = [0, 10, 20].map((days) => across(frame, NOW - days * DAY));
    expect(a! - b!).toBeCloseTo(b! - c!, 9);
    expect(across(frame, NOW)).toBeLessThan(100);
  });

  it('shows all of a small record, and the newest 94 % of a large one, at least two days', () => {
    expect(timeFrame('all', [point(400), point(3)], NOW).start).toBeLessThanOrEqual(NOW - 400 * DAY);
    const many = Array.from({ length: 100 }, (_, index) => point(index < 97 ? 5 : 400));
    expect(timeFrame('all', many, NOW).start).toBeGreaterThan(NOW - 6 * DAY);
    const hour = timeFrame('all', [point(0.01)], NOW);
    expect(hour.end - hour.start).toBeGreaterThanOrEqual(2 * DAY);
  });

  it('leaves out what is later than the moment it is seen from', () => {
    expect(timeFrame('all', [point(-90), point(3)], NOW).end).toBeLessThan(NOW + DAY);
  });

  it('says the year once, and again when it changes', () => {
    const ticks = ticksOf(timeFrame('1y', [], NOW));
    expect(ticks.flatMap(({ year }) => year ?? [])).toEqual(['2025', '2026']);
  });

  it('knows a gap by three times the usual distance, or a fifth of the window', () => {
    const frame = timeFrame('1y', [], NOW);
    const times = [1, 2, 3, 10, 11].map((days) => NOW - days * DAY).reverse();
    expect(isGap(NOW - 10 * DAY, NOW - 3 * DAY, times, frame)).toBe(true);
    expect(isGap(NOW - 3 * DAY, NOW - 2 * DAY, times, frame)).toBe(false);
    expect(isGap(NOW - 100 * DAY, NOW, [NOW - 100 * DAY, NOW], frame)).toBe(true);
  });
});

describe('a plot', () => {
  it('is linear with the band inside, logarithmic over a tenfold', () => {
    const linear = plotScale([point(1, 4, { low: 3.5, high: 5.1 })], [6]);
    expect(linear.isLog).toBe(false);
    expect(linear.down(6)).toBeLessThan(linear.down(5.1));
    expect(linear.down(5.1)).toBeLessThan(linear.down(3.5));
    const wide = plotScale([point(1, 20), point(2, 2000)], []);
    expect(wide.isLog).toBe(true);
    expect(wide.down(20) - wide.down(200)).toBeCloseTo(wide.down(200) - wide.down(2000), 6);
    expect(plotScale([point(1, 0), point(2, 50)], []).isLog).toBe(false);
  });

  it('steps its band where the range changed, and leaves it out where there was none', () => {
    const [older, old, young] = [point(9, 4, { low: 3 }), point(5, 4), point(1, 4, { low: 3.5, high: 5 })];
    expect(bandsOf([older, old, young])).toEqual([
      { low: 3, to: old.time },
      { from: young.time, low: 3.5, high: 5 },
    ]);
  });

  it('thins what stands too close, but never what is low or high', () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      point(index / 10, 4, index === 500 ? { flag: 'high' } : {}),
    ).reverse();
    const kept = thinned(many, (time) => across(timeFrame('1y', [], NOW), time), 200);
    expect(kept.length).toBeLessThan(120);
    expect(kept.filter(({ flag }) => flag === 'high')).toHaveLength(1);
    expect(thinned(many.slice(0, 150), () => 0, 200)).toHaveLength(150);
  });
});
