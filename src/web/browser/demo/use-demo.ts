import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { CdsService, HookName } from '../../../cds-hooks.js';
import { useChart } from '../chart/use-chart.js';
import type { PageSettings } from '../page-settings.js';
import { openServer } from '../smart/open-server.js';
import { withCramp } from './added-cramp.js';
import { type DemoAddress, readAddress, writeAddress } from './address.js';
import { useDrafts } from './use-drafts.js';
import { useFeedback } from './use-feedback.js';

export interface DemoParts {
  base: URL;
  settings: PageSettings;
  services: readonly CdsService[];
  /** FHIR base URL of the sample patients. */
  samples: string;
}

/** What the demo shows and does; its address says which server and which patient. */
export function useDemo({ base, settings, services, samples }: DemoParts) {
  const [asked, setAsked] = useState(() => readAddress(location.search));
  const [hasCramp, setCramp] = useState<boolean>();
  const [sendsPrefetch, setSendsPrefetch] = useState(true);
  const server = asked.server ?? samples;
  const isAllowed = server === samples || settings.servers.includes(server);
  const read = useMemo(() => openServer(server), [server]);
  const sample = server === samples ? settings.demo?.patients.find(({ id }) => id === asked.patient) : undefined;
  const addsCramp = hasCramp ?? sample?.lacksCramp ?? false;
  const drafts = useDrafts();
  const feedback = useFeedback({ base, onApply: drafts.apply, onRevert: drafts.revert });
  const amend = addsCramp ? withCramp : undefined;
  const parts = useMemo(() => ({ base, services, callsHook: true, amend }), [base, services, amend]);
  const { chart, open, judge, cancel, close } = useChart(parts);

  const reopen = useCallback(() => {
    const { patient, hook } = asked;
    if (patient === undefined || !isAllowed) {
      close();
      return;
    }
    const seenFrom = sample?.seenFrom ?? new Date().toISOString();
    const what = { server, read, patientId: patient, seenFrom, isHistorical: sample?.seenFrom !== undefined };
    void open(what, { hook, drafts: [], selections: [], sendsPrefetch });
  }, [asked, server, read, sample, amend, sendsPrefetch]);

  const fire = (hook: HookName): void => {
    feedback.settleAll();
    void judge({ hook, drafts: drafts.drafts, selections: [...drafts.selected], sendsPrefetch });
  };

  const go = (next: Omit<DemoAddress, 'hook'>): void => {
    feedback.settleAll();
    drafts.clear();
    setCramp(undefined);
    const address = { ...next, hook: 'patient-view' as const };
    history.pushState(null, '', writeAddress(address));
    setAsked(address);
  };
  const goToServer = (url: string): void => {
    go(url === samples ? {} : { server: url });
  };
  const goToPatient = (patient: string | undefined): void => {
    go({
      ...(asked.server === undefined ? {} : { server: asked.server }),
      ...(patient === undefined ? {} : { patient }),
    });
  };

  useEffect(reopen, [reopen]);
  useEffect(() => {
    const onBack = (): void => {
      setAsked(readAddress(location.search));
    };
    addEventListener('popstate', onBack);
    return () => {
      removeEventListener('popstate', onBack);
    };
  }, []);

  const chosen = { server, isAllowed, read, sample, patient: asked.patient };
  const switches = { addsCramp, setCramp, sendsPrefetch, setSendsPrefetch };
  return { ...chosen, ...switches, drafts, feedback, chart, cancel, reopen, fire, goToServer, goToPatient };
}

export type Demo = ReturnType<typeof useDemo>;
