import { ChartPage } from './chart-page.js';
import { Landing } from './landing.js';
import { TopBar } from './top-bar.js';
import { type DemoParts, useDemo } from './use-demo.js';

/** A stand-in for an EHR: chooses a patient, drafts orders, fires the hooks, shows the cards. */
export function DemoEhr(parts: DemoParts) {
  const { settings, samples, services } = parts;
  const demo = useDemo(parts);
  const { chart, server, patient, isAllowed, read } = demo;
  return (
    <>
      <TopBar
        settings={settings}
        samples={samples}
        server={server}
        patient={patient}
        onServer={demo.goToServer}
        onPatient={demo.goToPatient}
      />
      <main id="main" class={chart === undefined ? 'landing' : 'chart'} tabIndex={-1}>
        {chart === undefined ? (
          <Landing
            settings={settings}
            samples={samples}
            server={server}
            isAllowed={isAllowed}
            read={read}
            onChoose={demo.goToPatient}
          />
        ) : (
          <ChartPage demo={demo} chart={chart} settings={settings} services={services} />
        )}
      </main>
    </>
  );
}
