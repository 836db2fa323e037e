import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CdsService, Link } from '../../../cds-hooks.js';
import { Banner } from '../chart/banner.js';
import { ChartBody } from '../chart/chart-body.js';
import { NotJudged } from '../chart/not-judged.js';
import { Partial } from '../chart/partial.js';
import { knownOf, patientName } from '../chart/record.js';
import { type Chart, useChart } from '../chart/use-chart.js';
import { Waiting } from '../chart/waiting.js';
import { withCramp } from '../demo/added-cramp.js';
import { PatientSearch } from '../demo/patient-search.js';
import { momentText } from '../fhir-date.js';
import type { PageSettings } from '../page-settings.js';
import { findingsIn } from './app-address.js';
import { AppProblem } from './app-problem.js';
import type { Connection } from './connect.js';

export interface AppScreenProps {
  base: URL;
  settings: PageSettings;
  services: readonly CdsService[];
  connection: Connection;
  /** FHIR base URL of the sample patients. */
  samples: string | undefined;
}

/** The SMART app: the answer, what is not known, trends with medicines, handouts. */
export function AppScreen({ base, settings, services, connection, samples }: AppScreenProps) {
  const { server, read, needsBanner, appContext } = connection;
  const [patientId, setPatientId] = useState(connection.patientId);
  const sample = server === samples ? settings.demo?.patients.find(({ id }) => id === patientId) : undefined;
  const addsCramp = sample?.lacksCramp ?? false;
  const parts = useMemo(
    () => ({ base, services, callsHook: false, amend: addsCramp ? withCramp : undefined }),
    [base, services, addsCramp],
  );
  const { chart, open, cancel } = useChart(parts);
  const readAgain = (): void => {
    if (patientId === undefined) return;
    const seenFrom = sample?.seenFrom ?? new Date().toISOString();
    const asked = { hook: 'patient-view' as const, drafts: [], selections: [], sendsPrefetch: true };
    void open({ server, read, patientId, seenFrom, isHistorical: sample?.seenFrom !== undefined }, asked);
  };
  useEffect(readAgain, [patientId]);
  if (chart?.filled?.failures.some(({ kind }) => kind === 'signed-out')) return <AppProblem kind="ended" />;
  const isWaiting = chart !== undefined && chart.phase !== 'done' && chart.phase !== 'cancelled';
  return (
    <>
      {needsBanner && chart?.record && (
        <Banner record={chart.record} seenFrom={chart.seenFrom} known={knownOf(chart.judged?.explained)}>
          {addsCramp && <span class="chip added">Cramp added for this demonstration</span>}
        </Banner>
      )}
      <main id="main" class="app" tabIndex={-1} aria-busy={isWaiting}>
        <h1>Why does this patient cramp?</h1>
        {patientId === undefined && <PatientSearch read={read} server={server} onChoose={setPatientId} />}
        {chart && (
          <>
            {isWaiting && (
              <Waiting
                what={chart.phase === 'reading' ? 'Reading labs' : 'Asking the service'}
                whom={chart.phase === 'reading' ? server : 'the service'}
                onCancel={cancel}
              />
            )}
            <Partial failures={chart.filled?.failures ?? []} foreign={chart.record?.foreign ?? 0} />
            {isUnjudged(chart) && <NotJudged exchange={chart.judged?.explaining} onRetry={readAgain} />}
            <ChartBody chart={chart} settings={settings} fromCard={findingsIn(appContext)} answerFirst />
            <AppFoot chart={chart} settings={settings} onReadAgain={readAgain} />
          </>
        )}
      </main>
    </>
  );
}

function isUnjudged({ phase, judged }: Chart): boolean {
  return phase === 'cancelled' || (phase === 'done' && judged?.explained === undefined);
}

function AppFoot({ chart, settings, onReadAgain }: { chart: Chart; settings: PageSettings; onReadAgain: () => void }) {
  const handouts = handoutLinks(chart);
  const { record, seenFrom, judged } = chart;
  return (
    <footer class="app-foot">
      <div class="controls">
        <button
          type="button"
          class="primary"
          onClick={() => {
            window.print();
          }}
        >
          Print
        </button>
        <button type="button" onClick={onReadAgain}>
          Read again
        </button>
        {handouts.map(({ url, label }) => (
          <a href={url} target="_blank" rel="noopener noreferrer">
            {label}
            <span class="visually-hidden"> (new window)</span>
          </a>
        ))}
      </div>
      <p>
        {record?.patient && (
          <>
            <bdi>{patientName(record.patient)}</bdi> ·{' '}
          </>
        )}
        Seen from {momentText(seenFrom)} · Knowledge {judged?.explained?.knowledge.version ?? settings.knowledge}, not
        validated: a nephrologist decides.
      </p>
    </footer>
  );
}

/** The pages the cards offer: what a rule forbids is not among them. */
function handoutLinks({ judged }: Chart): Link[] {
  const links = (judged?.explained?.cards ?? []).flatMap((card) => card.links ?? []);
  const offered = links.filter(({ type, url }) => type === 'absolute' && /^https?:/i.test(url));
  return [...new Map(offered.map((link) => [link.url, link])).values()];
}
