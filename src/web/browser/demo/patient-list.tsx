import { dayText, yearsBetween } from '../fhir-date.js';
import type { DemoPatient } from '../page-settings.js';

/** The samples, each with what it is good for. */
export function PatientList({
  patients,
  onChoose,
}: {
  patients: readonly DemoPatient[];
  onChoose: (patient: DemoPatient) => void;
}) {
  return (
    <ul class="patient-list">
      {patients.map((patient) => (
        <li key={patient.id}>
          <button
            type="button"
            onClick={() => {
              onChoose(patient);
            }}
            data-patient={patient.id}
          >
            <span class="story">{patient.title}</span>
            {patient.about !== undefined && <span class="about">{patient.about}</span>}
            <span class="facts">
              <bdi>{patient.name === '' ? patient.id : patient.name}</bdi>
              {facts(patient)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function facts({ gender, birthDate, from, to, seenFrom }: DemoPatient): string {
  const today = seenFrom ?? new Date().toISOString();
  const years = birthDate === undefined ? undefined : yearsBetween(birthDate, today);
  const data = from === undefined || to === undefined ? undefined : `data ${dayText(from)} to ${dayText(to)}`;
  return [gender, years === undefined ? undefined : `${String(years)} y`, data]
    .filter((part) => part !== undefined)
    .map((part) => ` · ${part}`)
    .join('');
}
