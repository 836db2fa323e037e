import { dayText } from '../fhir-date.js';
import type { Course, Lane } from './medicine-courses.js';
import { TimeAxis } from './time-axis.js';
import { across, ticksOf, type TimeFrame } from './time-frame.js';

const HEIGHT = 26;

export interface LanesProps {
  /** Medicines the knowledge knows, those that are evidence first. */
  lanes: readonly Lane[];
  others: readonly Lane[];
  frame: TimeFrame;
  /** References that an evidence line names. */
  evidence: ReadonlySet<string>;
  ringed?: string | undefined;
  /** Why there is nothing to show, where that is not "none in the record". */
  unread?: string | undefined;
}

export function MedicineLanes({ lanes, others, frame, evidence, ringed, unread }: LanesProps) {
  return (
    <section class="medicines" aria-labelledby="medicines-heading">
      <h3 id="medicines-heading">Medicines that bear on cramps</h3>
      {unread !== undefined && <p class="empty">{unread}</p>}
      {unread === undefined && lanes.length === 0 && <p class="empty">None of them is in the record.</p>}
      <ul class="lanes">
        {lanes.map((lane) => (
          <LaneRow key={lane.name} lane={lane} frame={frame} evidence={evidence} ringed={ringed} />
        ))}
      </ul>
      {lanes.length > 0 && <TimeAxis frame={frame} isRepeated />}
      {others.length > 0 && (
        <details class="others">
          <summary>{others.length === 1 ? '1 other medicine' : `${String(others.length)} other medicines`}</summary>
          <ul class="lanes">
            {others.map((lane) => (
              <LaneRow key={lane.name} lane={lane} frame={frame} evidence={evidence} ringed={ringed} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

type LaneRowProps = Pick<LanesProps, 'frame' | 'evidence' | 'ringed'> & { lane: Lane };

function LaneRow({ lane, frame, evidence, ringed }: LaneRowProps) {
  const isEvidence = lane.references.some((reference) => evidence.has(reference));
  const isRinged = ringed !== undefined && lane.references.includes(ringed);
  return (
    <li
      class={`lane${isEvidence ? ' evidence' : ''}${isRinged ? ' ringed' : ''}`}
      data-reference={lane.references.join(' ')}
    >
      <p class="lane-name">
        <span class="lane-title">{lane.name}</span> {isEvidence && <span class="tag">evidence</span>}
        <span class="lane-detail">{detailOf(lane)}</span>
      </p>
      <svg class="plot-svg" height={HEIGHT}>
        {ticksOf(frame).map(({ at }) => (
          <line class="grid" x1={`${at.toFixed(3)}%`} x2={`${at.toFixed(3)}%`} y1="0" y2={HEIGHT} />
        ))}
        {lane.courses.map((course) => (
          <Bar course={course} frame={frame} name={lane.name} />
        ))}
      </svg>
    </li>
  );
}

/** To the right edge with an arrow: still active. Hollow: ended. Dashed at the left: the start is not recorded. */
function Bar({ course, frame, name }: { course: Course; frame: TimeFrame; name: string }) {
  const end = course.isActive && course.end === undefined ? frame.end : (course.end ?? course.start ?? frame.end);
  const left = Math.max(0, across(frame, course.start ?? frame.start));
  const right = Math.min(97.5, across(frame, Math.min(end, frame.end)));
  const runsOn = course.isActive && end >= frame.end - (frame.end - frame.start) * 0.03;
  if (right < 0 || left > 100) return null;
  const width = Math.max(right - left, 0.6);
  return (
    <g
      class={`bar${course.isActive ? ' active' : ' ended'}${course.start === undefined ? ' unknown-start' : ''}`}
      role="img"
      aria-label={courseText(course, name)}
    >
      <rect x={`${left.toFixed(3)}%`} width={`${width.toFixed(3)}%`} y="8" height="10" />
      {runsOn && (
        <svg x={`${(left + width).toFixed(3)}%`} y="13" class="point">
          <path d="M0 -8 L9 0 L0 8 Z" />
        </svg>
      )}
      {!course.isActive && (
        <line
          class="end-tick"
          x1={`${(left + width).toFixed(3)}%`}
          x2={`${(left + width).toFixed(3)}%`}
          y1="4"
          y2="22"
        />
      )}
    </g>
  );
}

export function courseText({ startDate, endDate, isActive }: Course, name: string): string {
  const from = startDate === undefined ? 'start not recorded' : `from ${dayText(startDate)}`;
  if (isActive && endDate === undefined) return `${name}: ${from}, active`;
  const to = endDate === undefined ? 'end not recorded' : `to ${dayText(endDate)}`;
  return `${name}: ${from} ${to}${isActive ? ', active' : ', ended'}`;
}

function detailOf({ detail, courses, backwards, references }: Lane): string {
  const [only] = courses;
  const started = courses.length === 1 && only !== undefined ? courseText(only, '').replace(/^: /, '') : undefined;
  return [
    detail,
    references.length > 1 ? `${String(references.length)} orders` : undefined,
    started ?? (courses.some(({ isActive }) => isActive) ? undefined : 'ended'),
    backwards === 0 ? undefined : `${String(backwards)} not drawn: they end before they begin`,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}
