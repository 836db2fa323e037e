import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PageSettings } from '../page-settings.js';
import { labRows } from '../trends/lab-series.js';
import { medicineLanes } from '../trends/medicine-courses.js';
import { Trends } from '../trends/trends.js';
import { WhyScreen } from '../why/why-screen.js';
import { lookedAt } from './record.js';
import type { Chart } from './use-chart.js';

export interface ChartBodyProps {
  chart: Chart;
  settings: PageSettings;
  fromCard?: readonly string[] | undefined;
  /** The answer first (the app), or the record first (the demo). */
  answerFirst: boolean;
  /** Between the trends and what comes after. */
  children?: ComponentChildren;
}

/** Trends and reasons; an evidence line points at its result. */
export function ChartBody({ chart, settings, fromCard, answerFirst, children }: ChartBodyProps) {
  const [ringed, setRinged] = useState<string>();
  const resources = chart.record?.resources ?? NOTHING;
  const rows = useMemo(() => labRows(resources, settings.valueSets), [resources, settings]);
  const lanes = useMemo(() => medicineLanes(resources), [resources]);
  const drawn = useMemo(
    () =>
      new Set([
        ...rows.series.flatMap(({ points }) => points.map(({ reference }) => reference)),
        ...lanes.flatMap(({ references }) => references),
      ]),
    [rows, lanes],
  );
  const unread = new Set((chart.filled?.failures ?? []).map(({ resourceType }) => resourceType));
  const explained = chart.phase === 'done' ? chart.judged?.explained : undefined;
  useEffect(() => {
    if (ringed !== undefined)
      document.querySelector(`[data-reference~="${CSS.escape(ringed)}"]`)?.scrollIntoView({ block: 'center' });
  }, [ringed]);
  useEffect(() => {
    setRinged(undefined);
  }, [chart.patientId]);
  const trends = (
    <Trends
      resources={resources}
      valueSets={settings.valueSets}
      seenFrom={chart.seenFrom}
      explained={explained}
      unread={unread}
      isReading={chart.phase === 'reading'}
      ringed={ringed}
    />
  );
  const why = explained && (
    <WhyScreen
      explained={explained}
      lookedAt={lookedAt(rows, lanes.length, chart.seenFrom)}
      onPoint={(reference) => {
        setRinged(reference === ringed ? undefined : reference);
      }}
      drawn={drawn}
      ringed={ringed}
      fromCard={fromCard ?? []}
    >
      {answerFirst ? trends : null}
    </WhyScreen>
  );
  if (answerFirst)
    return (
      <>
        <h2 class="visually-hidden">The answer</h2>
        {why ?? trends}
      </>
    );
  return (
    <>
      {trends}
      {children}
      {why && (
        <section class="why" aria-labelledby="why-heading">
          <h2 id="why-heading">How it got its points</h2>
          {why}
        </section>
      )}
    </>
  );
}

const NOTHING: NonNullable<Chart['record']>['resources'] = [];
