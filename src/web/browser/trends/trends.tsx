import type { FhirResource } from 'fhir/r4.js';
import { useMemo, useState } from 'preact/hooks';
import { ANALYTES } from '../analytes.js';
import { instantOf } from '../fhir-date.js';
import type { Explained } from '../service/explained.js';
import { type LabSeries, labRows, type Undrawn } from './lab-series.js';
import { FlagText } from './mark.js';
import { type Lane, medicineLanes } from './medicine-courses.js';
import { MedicineLanes } from './medicine-lanes.js';
import { TimeAxis } from './time-axis.js';
import { timeFrame, type WindowName, WINDOWS } from './time-frame.js';
import type { Limit } from './trend-plot.js';
import { TrendRow } from './trend-row.js';
import { ValueTable } from './value-table.js';

const DRUGS = /^Medication/;

export interface TrendsProps {
  resources: readonly FhirResource[];
  valueSets: readonly { name: string; codes: readonly string[] }[];
  /** FHIR instant. */
  seenFrom: string;
  /** Absent: not judged. */
  explained?: Explained | undefined;
  /** Types whose search failed. */
  unread: ReadonlySet<string>;
  isReading: boolean;
  ringed?: string | undefined;
}

/** Results and medicines under one time axis. */
export function Trends(props: TrendsProps) {
  const { resources, valueSets, seenFrom, explained, ringed, unread } = props;
  const [window, setWindow] = useState<WindowName>('all');
  const [isTable, setTable] = useState(false);
  const [said, announce] = useState('');
  const rows = useMemo(() => labRows(resources, valueSets), [resources, valueSets]);
  const lanes = useMemo(() => medicineLanes(resources), [resources]);
  const frame = timeFrame(
    window,
    rows.series.flatMap(({ points }) => points),
    instantOf(seenFrom),
  );
  const evidence = new Set(
    (explained?.findings ?? [])
      .filter(({ shown }) => shown)
      .flatMap((finding) => finding.evidence.flatMap(({ reference }) => reference ?? [])),
  );
  const known = new Set(
    (explained?.inputs ?? []).filter(({ reference }) => DRUGS.test(reference)).map(({ reference }) => reference),
  );
  const [relevant, others] = sortedLanes(lanes, known, evidence, explained !== undefined);
  const starts = relevant.filter((lane) => lane.references.some((each) => evidence.has(each))).flatMap(firstStart);
  const row = { frame, seenFrom, ringed, starts, announce };
  return (
    <section class="trends" aria-labelledby="trends-heading" aria-busy={props.isReading}>
      <div class="trends-bar">
        <h2 id="trends-heading">Trends</h2>
        <WindowChoice window={window} onChange={setWindow} />
        <button
          type="button"
          class="quiet"
          aria-pressed={isTable}
          onClick={() => {
            setTable(!isTable);
          }}
        >
          {isTable ? 'Show as plots' : 'Show as tables'}
        </button>
      </div>
      {!isTable && <Legend hasLimits={limitsOf(explained).length > 0} hasStarts={starts.length > 0} />}
      <div class={isTable ? 'tables' : 'rows'}>
        {rowsToShow(rows.series, props).map(({ name, all, absent }) =>
          all.length === 0 ? (
            <EmptyRow key={name} name={name} text={absent} />
          ) : (
            all.map((series) =>
              isTable ? (
                <ValueTable key={name + series.unit} series={series} frame={frame} />
              ) : (
                <TrendRow key={name + series.unit} {...row} series={series} limits={limitsFor(series, explained)} />
              ),
            )
          ),
        )}
        {!isTable && rows.series.length > 0 && <TimeAxis frame={frame} />}
        <MedicineLanes
          lanes={relevant}
          others={others}
          frame={frame}
          evidence={evidence}
          ringed={ringed}
          unread={medicinesUnread(unread, explained, lanes)}
        />
      </div>
      <NotDrawn undrawn={rows.undrawn} />
      <p class="visually-hidden" role="status">
        {said}
      </p>
    </section>
  );
}

function WindowChoice({ window, onChange }: { window: WindowName; onChange: (name: WindowName) => void }) {
  return (
    <div class="segments" role="group" aria-label="Time window">
      {WINDOWS.map(({ name, label }) => (
        <button
          type="button"
          key={name}
          aria-pressed={name === window}
          onClick={() => {
            onChange(name);
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function Legend({ hasLimits, hasStarts }: { hasLimits: boolean; hasStarts: boolean }) {
  return (
    <p class="legend">
      <span>
        <i class="key-band" /> range of the laboratory
      </span>
      <FlagText flag="low" />
      <FlagText flag="high" />
      <span>
        <i class="key-gap" /> gap in sampling
      </span>
      {hasLimits && (
        <span>
          <i class="key-limit" /> limit used by a rule
        </span>
      )}
      {hasStarts && (
        <span>
          <i class="key-start" /> start of an evidence medicine
        </span>
      )}
    </p>
  );
}

interface RowToShow {
  name: string;
  all: LabSeries[];
  absent: string;
}

function rowsToShow(series: readonly LabSeries[], { unread, isReading }: TrendsProps): RowToShow[] {
  const nothing = unread.has('Observation') ? 'not read' : 'no result in the record';
  const absent = isReading ? 'reading …' : nothing;
  return ANALYTES.map(({ name, always }) => ({
    name,
    always,
    all: series.filter(({ analyte }) => analyte === name),
    absent,
  })).filter(({ always, all }) => always || all.length > 0);
}

function EmptyRow({ name, text }: { name: string; text: string }) {
  return (
    <div class="row none" data-row={name}>
      <div class="row-head">
        <h3>{name}</h3>
      </div>
      <p class="empty">{text}</p>
    </div>
  );
}

function limitsOf(explained: Explained | undefined): (Limit & { reference: string | undefined })[] {
  const shown = (explained?.findings ?? []).filter((finding) => finding.shown);
  return shown.flatMap(({ evidence }) =>
    evidence.flatMap(({ limit, reference }) => (limit ? [{ ...limit, reference }] : [])),
  );
}

/** The thresholds that shown findings compared this row's own results with, in its own unit. */
function limitsFor({ points, unit }: LabSeries, explained: Explained | undefined): Limit[] {
  const own = new Set(points.map(({ reference }) => reference));
  const limits = limitsOf(explained).filter((limit) => own.has(limit.reference ?? '') && sameUnit(limit.unit, unit));
  return limits.filter(({ value }, index) => limits.findIndex((other) => other.value === value) === index);
}

function sameUnit(a: string, b: string): boolean {
  const plain = (unit: string): string => unit.replace('mm[Hg]', 'mmHg').toLowerCase();
  return plain(a) === plain(b);
}

function sortedLanes(
  lanes: readonly Lane[],
  known: ReadonlySet<string>,
  evidence: ReadonlySet<string>,
  isJudged: boolean,
): [Lane[], Lane[]] {
  const has = (lane: Lane, references: ReadonlySet<string>): boolean =>
    lane.references.some((each) => references.has(each));
  if (!isJudged) return [[], [...lanes]];
  const relevant = lanes.filter((lane) => has(lane, known) || has(lane, evidence));
  const first = relevant.filter((lane) => has(lane, evidence));
  return [
    [...first, ...relevant.filter((lane) => !first.includes(lane))],
    lanes.filter((lane) => !relevant.includes(lane)),
  ];
}

function firstStart({ courses }: Lane): number[] {
  const starts = courses.flatMap(({ start }) => start ?? []);
  return starts.length === 0 ? [] : [Math.min(...starts)];
}

function medicinesUnread(
  unread: ReadonlySet<string>,
  explained: Explained | undefined,
  lanes: readonly Lane[],
): string | undefined {
  if (unread.has('MedicationRequest')) return 'Medicines could not be read: nothing is said about them.';
  if (explained === undefined && lanes.length > 0)
    return 'Not judged: which of the medicines bear on cramps is not known.';
  return undefined;
}

function NotDrawn({ undrawn }: { undrawn: readonly Undrawn[] }) {
  if (undrawn.length === 0) return null;
  return (
    <details class="not-drawn">
      <summary>
        {undrawn.length === 1 ? '1 result is not drawn' : `${String(undrawn.length)} results are not drawn`}
      </summary>
      <ul>
        {undrawn.slice(0, 100).map(({ analyte, text, why }) => (
          <li>
            {analyte}, {text}: {why}
          </li>
        ))}
      </ul>
    </details>
  );
}
