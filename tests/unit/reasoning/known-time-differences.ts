import type { DateTime } from 'cql-execution';
import { type KnownDifference, observed } from './known-difference.js';
import { isTime } from './record-walk.js';

/** The offset the oracle gives times without one: that of the process. */
const PROCESS_OFFSET = -new Date().getTimezoneOffset() / 60;
/** Nepal's, which no process under test has. */
const OTHER_OFFSET = 345;

const FHIR_DATETIME = 'FHIR R4 datatypes, dateTime: ';
const NO_OFFSET =
  'CQL 1.5 reference, ToDateTime: "If no timezone offset is supplied, the timezone offset of the evaluation request timestamp is assumed". The oracle takes that of the process.';
const SECONDS =
  'CQL 1.5 reference, Between: "for the purposes of comparison, seconds and milliseconds are combined as a single precision using a decimal, with decimal comparison semantics". As texts the two would be unequal.';

type BetweenTimes = (oracle: DateTime, ours: DateTime, offsetMinutes: number) => boolean;

function betweenTimes(holds: BetweenTimes): NonNullable<KnownDifference['explains']> {
  return ({ oracle, ours }, offset) => isTime(oracle) && isTime(ours) && holds(oracle, ours, offset);
}

const sameInstant: BetweenTimes = (oracle, ours, offsetMinutes) =>
  oracle.hour !== null &&
  Date.parse(String(oracle)) === Date.parse(String(ours)) &&
  ours.timezoneOffset === offsetMinutes / 60;

/** The same reading of clock and calendar, the oracle's in the offset of the process, ours in that of the request. */
const sameReading: BetweenTimes = (oracle, ours, offsetMinutes) => {
  const reading = String(oracle)
    .replace(/[+-]\d\d:\d\d$/, '')
    .slice(0, oracle.hour === null ? 10 : 23);
  const offsetsOfEach = oracle.timezoneOffset === PROCESS_OFFSET && ours.timezoneOffset === offsetMinutes / 60;
  return offsetsOfEach && String(ours).startsWith(reading);
};

export const KNOWN_TIME_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: 'every time is brought to one offset',
    because:
      'CQL 1.5 reference, Before: "When comparing DateTime values with different timezone offsets, implementations should normalize to the timezone offset of the evaluation request timestamp". The engine sorts their texts instead.',
    resources: observed({ effectiveDateTime: '2026-05-12T23:00:00.000-05:00' }),
    read: 'effective.value',
    oracle: '2026-05-12T23:00:00.000-05:00',
    ours: '2026-05-13T04:00:00.000+00:00',
    explains: betweenTimes(sameInstant),
  },
  {
    name: 'missing milliseconds are 0',
    because: SECONDS,
    resources: observed({ effectiveDateTime: '2026-05-12T08:00:00Z' }),
    read: 'effective.value',
    oracle: '2026-05-12T08:00:00+00:00',
    ours: '2026-05-12T08:00:00.000+00:00',
  },
  {
    name: 'missing milliseconds of a time of day are 0',
    because: SECONDS,
    resources: observed({ valueTime: '08:30:15' }),
    read: 'value.value',
    oracle: '08:30:15',
    ours: '08:30:15.000',
    explains: ({ oracle, ours }) => isTime(oracle) && oracle.isTime() && String(ours) === `${String(oracle)}.000`,
  },
  {
    name: 'missing seconds are 0',
    because: `${FHIR_DATETIME}"Seconds must be provided due to schema type constraints but may be zero-filled and may be ignored".`,
    resources: observed({ effectiveDateTime: '2026-05-12T08:00Z' }),
    read: 'effective.value',
    oracle: '2026-05-12T08:00+00:00',
    ours: '2026-05-12T08:00:00.000+00:00',
  },
  {
    name: 'a date alone has the offset of the request, not of the process',
    because: NO_OFFSET,
    resources: observed({ effectiveDateTime: '2026-05-12' }),
    offsetMinutes: OTHER_OFFSET,
    read: 'effective.value',
    oracle: `2026-05-12 in offset ${PROCESS_OFFSET}`,
    ours: '2026-05-12 in offset 5.75',
    explains: betweenTimes((oracle, ours, offset) => oracle.hour === null && sameReading(oracle, ours, offset)),
  },
  {
    name: 'a time without offset is read in the offset of the request, not of the process',
    because: NO_OFFSET,
    resources: observed({ effectiveDateTime: '2026-05-12T08:00:00.000' }),
    offsetMinutes: OTHER_OFFSET,
    read: 'effective.value.timezoneOffset',
    oracle: String(PROCESS_OFFSET),
    ours: '5.75',
    explains: betweenTimes((oracle, ours, offset) => oracle.hour !== null && sameReading(oracle, ours, offset)),
  },
  {
    name: 'hour 24 is not read',
    because: `${FHIR_DATETIME}"The time "24:00" is not allowed".`,
    resources: observed({ effectiveDateTime: '2026-05-12T24:00:00.000Z' }),
    read: 'effective.value',
    oracle: '2026-05-12T24:00:00.000+00:00',
    ours: 'null',
  },
  {
    name: 'an offset beyond 14 hours is not read',
    because: `${FHIR_DATETIME}its regular expression ends with (Z|(\\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00)).`,
    resources: observed({ effectiveDateTime: '2026-05-12T08:00:00.000+15:00' }),
    read: 'effective.value',
    oracle: '2026-05-12T08:00:00.000+15:00',
    ours: 'null',
  },
  {
    name: 'an hour without minutes is not read',
    because: `${FHIR_DATETIME}"If hours and minutes are specified, a time zone SHALL be populated": there is no form with the hour alone.`,
    resources: observed({ effectiveDateTime: '2026-05-12T08Z' }),
    read: 'effective.value',
    oracle: '2026-05-12T08+00:00',
    ours: 'null',
  },
  {
    name: 'a date with a time is not a date',
    because: 'FHIR R4 datatypes, date: "The format is YYYY, YYYY-MM, or YYYY-MM-DD".',
    resources: observed({ extension: [{ url: 'u', valueDate: '1958-03-09T10:00:00Z' }] }),
    read: 'extension.0.value.value',
    oracle: '1958-03-09',
    ours: 'null',
  },
];
