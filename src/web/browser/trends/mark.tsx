import type { Flag } from './lab-series.js';

const SHAPES: Readonly<Record<Flag, string>> = {
  low: 'M-4.6 -3.4 L4.6 -3.4 L0 4.8 Z',
  high: 'M-4.6 3.4 L4.6 3.4 L0 -4.8 Z',
  'in range': 'M-3.6 0 A3.6 3.6 0 1 1 3.6 0 A3.6 3.6 0 1 1 -3.6 0 Z',
  'no range given': 'M-3.2 -3.2 H3.2 V3.2 H-3.2 Z',
};

/** Low, high, in range and without range differ by shape, not by colour alone; a bound (`<`, `>`) is hollow. */
export function Mark({
  flag,
  isBound = false,
  isRinged = false,
}: {
  flag: Flag;
  isBound?: boolean;
  isRinged?: boolean;
}) {
  const kind = flag.replaceAll(' ', '-');
  return (
    <>
      {isRinged && <circle class="ring" r="9" />}
      <path class={`mark ${kind}${isBound ? ' hollow' : ''}`} d={SHAPES[flag]} />
    </>
  );
}

/** The flag in words and shape, beside a value. */
export function FlagText({ flag }: { flag: Flag }) {
  const words: Readonly<Record<Flag, string>> = {
    low: 'LOW',
    high: 'HIGH',
    'in range': 'in range',
    'no range given': 'no range given',
  };
  const hasShape = flag === 'low' || flag === 'high';
  return (
    <span class={`flag ${flag.replaceAll(' ', '-')}`}>
      {hasShape && (
        <svg class="flag-mark" viewBox="-6 -6 12 12" width="11" height="11" aria-hidden="true">
          <Mark flag={flag} />
        </svg>
      )}
      {words[flag]}
    </span>
  );
}
