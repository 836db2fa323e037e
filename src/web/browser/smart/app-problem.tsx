export type AppProblemKind = 'unknown-ehr' | 'no-launch' | 'storage' | 'ended' | 'refused' | 'not-listed';

const TEXTS: Readonly<Record<AppProblemKind, { title: string; text: string }>> = {
  'unknown-ehr': {
    title: 'This EHR is not known here',
    text: 'The app has no registration with the server that opened it. The setting SMART_CLIENTS of the service names the EHRs that may.',
  },
  'no-launch': {
    title: 'Open the app from a chart',
    text: 'It needs an EHR that opens it for a patient, or the address of an open FHIR server.',
  },
  storage: {
    title: 'The browser keeps this frame from signing in',
    text: 'Inside the EHR it may store nothing. In a window of its own the app can go on; the launch is not used up.',
  },
  ended: { title: 'The EHR session ended', text: 'Open the app again from the chart.' },
  refused: {
    title: 'The EHR did not let the app in',
    text: 'Open the app again from the chart, or ask who looks after it.',
  },
  'not-listed': {
    title: 'This server is not on the list',
    text: 'The app reads open servers only where the settings of the service name them (FHIR_SERVERS, SMART_CLIENTS).',
  },
};

/** Why the app cannot go on; never a loop of redirects. */
export function AppProblem({ kind, detail }: { kind: AppProblemKind; detail?: string }) {
  const { title, text } = TEXTS[kind];
  return (
    <main id="main" class="start-problem" data-problem={kind}>
      <h1>{title}</h1>
      <p>{text}</p>
      {detail !== undefined && <p class="hint">{detail}</p>}
      {kind === 'storage' && (
        <button
          type="button"
          class="primary"
          onClick={() => {
            window.open(location.href, '_blank', 'noopener');
          }}
        >
          Open in its own window
        </button>
      )}
    </main>
  );
}
