import type { Bundle, FhirResource, Patient } from 'fhir/r4.js';
import { useEffect, useRef, useState } from 'preact/hooks';
import { patientFacts, patientName } from '../chart/record.js';
import { type ReadFhir, ReadProblem } from '../smart/fill-prefetch.js';

const PAGE_SIZE = 20;
const FHIR_ID = /^[A-Za-z0-9\-.]{1,64}$/;

export interface PatientSearchProps {
  read: ReadFhir;
  server: string;
  onChoose: (patientId: string) => void;
}

interface Found {
  patients: Patient[];
  next?: string;
}

type State = { kind: 'searching' } | { kind: 'found'; found: Found } | { kind: 'failed'; why: string };

/** Patients of a FHIR server, by name or id, a page at a time. */
export function PatientSearch({ read, server, onChoose }: PatientSearchProps) {
  const [text, setText] = useState('');
  const [state, setState] = useState<State>({ kind: 'searching' });
  const running = useRef<AbortController | undefined>(undefined);
  const search = (...paths: string[]): void => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    setState({ kind: 'searching' });
    firstFound(paths, read, signal).then(
      (result) => {
        setState({ kind: 'found', found: result });
      },
      (error: unknown) => {
        if (!signal.aborted) setState({ kind: 'failed', why: whyOf(error, server) });
      },
    );
  };
  useEffect(() => {
    search(`Patient?_count=${String(PAGE_SIZE)}`);
    return () => {
      running.current?.abort();
    };
  }, [server]);
  return (
    <div class="patient-search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          search(...queriesFor(text.trim()));
        }}
      >
        <label>
          <span>Name or id</span>
          <input
            type="search"
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value);
            }}
          />
        </label>
        <button type="submit" class="primary">
          Search
        </button>
      </form>
      <div role="status">
        {state.kind === 'searching' && <p class="hint">Searching {server} …</p>}
        {state.kind === 'failed' && <p class="problem">{state.why}</p>}
        {state.kind === 'found' && state.found.patients.length === 0 && (
          <p class="hint">No patient found on {server}.</p>
        )}
      </div>
      {state.kind === 'found' && <Results found={state.found} onChoose={onChoose} onNext={search} />}
    </div>
  );
}

function Results({
  found: { patients, next },
  onChoose,
  onNext,
}: {
  found: Found;
  onChoose: (id: string) => void;
  onNext: (path: string) => void;
}) {
  const today = new Date().toISOString();
  return (
    <>
      <ul class="patient-list">
        {patients.map((patient) => (
          <li key={patient.id}>
            <button
              type="button"
              onClick={() => {
                onChoose(patient.id ?? '');
              }}
              data-patient={patient.id}
            >
              <span class="story">
                <bdi>{patientName(patient)}</bdi>
              </span>
              <span class="facts">
                {patient.id} · {patientFacts(patient, today)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <button
          type="button"
          onClick={() => {
            onNext(next);
          }}
        >
          Next {PAGE_SIZE}
        </button>
      )}
    </>
  );
}

/** An id and a name may look alike (`anne-marie`): what may be an id is looked for as one first. */
function queriesFor(text: string): string[] {
  const page = `_count=${String(PAGE_SIZE)}`;
  if (text === '') return [`Patient?${page}`];
  const byName = `Patient?name=${encodeURIComponent(text)}&${page}`;
  return FHIR_ID.test(text) ? [`Patient?_id=${text}&${page}`, byName] : [byName];
}

async function firstFound(paths: readonly string[], read: ReadFhir, signal: AbortSignal): Promise<Found> {
  let result: Found = { patients: [] };
  for (const path of paths) {
    result = await found(path, read, signal);
    if (result.patients.length > 0) break;
  }
  return result;
}

async function found(path: string, read: ReadFhir, signal: AbortSignal): Promise<Found> {
  const bundle = (await read(path, signal)) as Bundle<FhirResource>; // read with tolerance
  const patients = (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'Patient' ? [resource] : [],
  );
  const next = bundle.link?.find(({ relation }) => relation === 'next')?.url;
  return { patients, ...(next === undefined ? {} : { next }) };
}

function whyOf(error: unknown, server: string): string {
  const kind = error instanceof ReadProblem ? error.kind : 'failed';
  if (kind === 'forbidden' || kind === 'signed-out') return `${server} does not permit this.`;
  if (kind === 'timed-out') return `${server} did not answer in time.`;
  return `${server} could not be read. Is it running, and does it allow this page's origin (CORS)?`;
}
