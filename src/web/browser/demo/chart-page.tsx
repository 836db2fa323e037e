import type { CdsService, Link } from '../../../cds-hooks.js';
import { Banner } from '../chart/banner.js';
import { ChartBody } from '../chart/chart-body.js';
import { Partial } from '../chart/partial.js';
import { knownOf } from '../chart/record.js';
import type { Chart } from '../chart/use-chart.js';
import type { PageSettings } from '../page-settings.js';
import { Advice } from './advice.js';
import { DraftOrders } from './draft-orders.js';
import { ExchangePanel } from './exchange-panel.js';
import { launchUrl } from './launch.js';
import { PatientSwitches } from './patient-switches.js';
import type { Demo } from './use-demo.js';

const ADDED_CRAMP = 'The Condition “Cramp (added by this demo)” is in the prefetch, not in the record.';

export interface ChartPageProps {
  demo: Demo;
  chart: Chart;
  settings: PageSettings;
  services: readonly CdsService[];
}

/** One patient: the record at the left, the advice at the right. */
export function ChartPage({ demo, chart, settings, services }: ChartPageProps) {
  const { sample, feedback, addsCramp, server } = demo;
  const { judged } = chart;
  const serviceId = services.find(({ hook }) => hook === (judged?.hook ?? 'patient-view'))?.id ?? '';
  const openApp = (link: Link): void => {
    window.open(launchUrl(link, server, chart.patientId), '_blank', 'noopener');
  };
  return (
    <>
      <div class="record">
        <h1 class="visually-hidden">Chart</h1>
        <ChartHead demo={demo} chart={chart} />
        <Partial failures={chart.filled?.failures ?? []} foreign={chart.record?.foreign ?? 0} />
        <ChartBody chart={chart} settings={settings} answerFirst={false}>
          <DraftTray demo={demo} chart={chart} />
        </ChartBody>
        {judged?.call && (
          <ExchangePanel
            exchange={judged.call}
            hook={judged.hook}
            filledIn={chart.filledIn}
            added={addsCramp ? ADDED_CRAMP : undefined}
          />
        )}
        {sample?.source !== undefined && <p class="hint">{sample.source}</p>}
      </div>
      <Advice
        chart={chart}
        server={server}
        serviceId={serviceId}
        feedback={feedback}
        onRetry={demo.reopen}
        onCancel={demo.cancel}
        onOpenApp={openApp}
      />
    </>
  );
}

function ChartHead({ demo, chart }: { demo: Demo; chart: Chart }) {
  const { addsCramp, setCramp, sendsPrefetch, setSendsPrefetch, sample } = demo;
  if (chart.record === undefined)
    return (
      <header class="banner">
        <p class="patient-name">
          <bdi>{sample?.name ?? chart.patientId}</bdi>
        </p>
      </header>
    );
  return (
    <Banner record={chart.record} seenFrom={chart.seenFrom} known={knownOf(chart.judged?.explained)}>
      <PatientSwitches
        hasCramp={addsCramp}
        onCramp={setCramp}
        sendsPrefetch={sendsPrefetch}
        onSendsPrefetch={setSendsPrefetch}
      />
    </Banner>
  );
}

function DraftTray({ demo: { drafts, fire }, chart }: { demo: Demo; chart: Chart }) {
  return (
    <DraftOrders
      drafts={drafts.drafts}
      selected={drafts.selected}
      onAdd={(entry) => {
        drafts.add(entry, chart.patientId, chart.seenFrom);
      }}
      onRemove={drafts.remove}
      onToggle={drafts.toggle}
      onFire={fire}
    />
  );
}
