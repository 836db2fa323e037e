import type { ComponentChildren } from 'preact';
import { momentText } from '../fhir-date.js';
import { patientFacts, patientName, problems, type Record } from './record.js';

const MOST_PROBLEMS = 6;

export interface BannerProps {
  record: Record;
  seenFrom: string;
  /** References of what the knowledge recognises: it comes first. */
  known: ReadonlySet<string>;
  children?: ComponentChildren;
}

/** Who is on the screen, and from when the record is seen. */
export function Banner({ record, seenFrom, known, children }: BannerProps) {
  const { patient, resources } = record;
  const names = problems(resources, known);
  const more = names.length - MOST_PROBLEMS;
  return (
    <header class="banner">
      <div class="who">
        <p class="patient-name">{patient === undefined ? 'Patient not read' : <bdi>{patientName(patient)}</bdi>}</p>
        {patient !== undefined && <p class="facts">{patientFacts(patient, seenFrom)}</p>}
        <p class="facts seen">Seen from {momentText(seenFrom)}</p>
      </div>
      {names.length > 0 && (
        <p class="problems">
          <b>Problems</b>{' '}
          {names.slice(0, MOST_PROBLEMS).map((name) => (
            <span class="chip">{name}</span>
          ))}
          {more > 0 && <span class="chip more">and {more} more</span>}
        </p>
      )}
      {children}
    </header>
  );
}
