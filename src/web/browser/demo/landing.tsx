import type { DemoPatient, PageSettings } from '../page-settings.js';
import type { ReadFhir } from '../smart/fill-prefetch.js';
import { PatientList } from './patient-list.js';
import { PatientSearch } from './patient-search.js';

export interface LandingProps {
  settings: PageSettings;
  samples: string;
  server: string;
  isAllowed: boolean;
  read: ReadFhir;
  onChoose: (patientId: string) => void;
}

/** Ours, and those of the folder that the service was given. */
function Samples({ patients, onChoose }: { patients: readonly DemoPatient[]; onChoose: (patientId: string) => void }) {
  const own = patients.filter(({ source }) => source === undefined);
  const others = patients.filter(({ source }) => source !== undefined);
  const choose = ({ id }: DemoPatient): void => {
    onChoose(id);
  };
  return (
    <>
      <h2 class={others.length === 0 ? 'visually-hidden' : 'list-heading'}>Sample patients, all invented</h2>
      <PatientList patients={own} onChoose={choose} />
      {others.length > 0 && (
        <>
          <h2 class="list-heading">More records</h2>
          <p class="hint">
            From the folder DEMO_PATIENTS, seen from their own moment; nobody in them has a recorded cramp, so one is
            added.
          </p>
          <PatientList patients={others} onChoose={choose} />
        </>
      )}
    </>
  );
}

/** Before a patient is chosen. */
export function Landing({ settings, samples, server, isAllowed, read, onChoose }: LandingProps) {
  const patients = settings.demo?.patients ?? [];
  return (
    <>
      <div class="intro">
        <h1>Why does this patient cramp?</h1>
        <p>
          In kidney disease the cause of a muscle cramp is usually in the chart already. Open a patient: the page reads
          the record as an EHR would, asks the service, and shows the card beside the trends it was made from.
        </p>
      </div>
      {!isAllowed && (
        <p class="problem" role="alert">
          The server {server} is not on the list. The setting FHIR_SERVERS (or CDS_CLIENTS) of the service names the
          servers this page may read.
        </p>
      )}
      {isAllowed && server === samples && <Samples patients={patients} onChoose={onChoose} />}
      {isAllowed && server !== samples && <PatientSearch read={read} server={server} onChoose={onChoose} />}
    </>
  );
}
