import { ticksOf, type TimeFrame } from './time-frame.js';

const HEIGHT = 34;

/** The dates below the rows; said again below the medicines on paper. */
export function TimeAxis({ frame, isRepeated = false }: { frame: TimeFrame; isRepeated?: boolean }) {
  return (
    <div class={`axis${isRepeated ? ' repeated' : ''}`} aria-hidden="true">
      <svg class="plot-svg" height={HEIGHT}>
        <line class="axis-line" x1="0" x2="100%" y1="0.5" y2="0.5" />
        {ticksOf(frame).map(({ at, label, year, minor }) => (
          <svg x={`${at.toFixed(3)}%`} class={minor ? 'tick minor' : 'tick'}>
            <line y1="0" y2="5" />
            <text y="17">{label}</text>
            {year !== undefined && (
              <text class="year" y="30">
                {year}
              </text>
            )}
          </svg>
        ))}
      </svg>
    </div>
  );
}
