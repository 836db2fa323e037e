import type { Bundle, FhirResource, OperationOutcome, Parameters, ParametersParameter } from 'fhir/r4.js';
import type { PatientRecord } from '../../src/patient-record.js';

/** Each call on a connection of its own: the server closes one that waits while our engine works. */
const JSON_HEADERS = { 'Content-Type': 'application/fhir+json', Connection: 'close' };
const LIBRARY = 'CrampServices';
/** Compiling the knowledge takes the first evaluation long. */
const WITHIN_MS = 280_000;

/** What HAPI made of one record: findings by library, or why it could not evaluate at all. */
export type SecondAnswer = { findings: Map<string, ParametersParameter> } | { error: string };

/** Posts the package as one transaction; throws what the server has against it. */
export async function loadPackage(server: string, transaction: string): Promise<void> {
  const response = await fetch(server, { method: 'POST', headers: JSON_HEADERS, body: transaction });
  const answer = (await response.json()) as OperationOutcome;
  if (!response.ok) throw new Error(`HAPI refused the package: ${answer.issue[0]?.diagnostics ?? ''}`);
}

/** Evaluates the finding of each library over these resources alone. */
export async function evaluatedBySecond(
  server: string,
  libraries: readonly string[],
  record: Pick<PatientRecord, 'patientId' | 'encounterId' | 'ordersInContext' | 'draftsToJudge'>,
  resources: readonly FhirResource[],
): Promise<SecondAnswer> {
  const entry = resources.map((resource) => ({ resource }));
  const data: Bundle = { resourceType: 'Bundle', type: 'collection', entry };
  const answer = await posted(`${server}/Library/${LIBRARY}/$evaluate`, [
    { name: 'subject', valueString: `Patient/${record.patientId}` },
    ...libraries.map((name) => ({ name: 'expression', valueString: `${name} Finding` })),
    { name: 'parameters', resource: parametersOf(record) },
    { name: 'data', resource: data },
    { name: 'useServerData', valueBoolean: false },
  ]);
  if (answer.parameter === undefined) return { error: answer.error };
  return { findings: new Map(answer.parameter.map((each) => [each.name.replace(/ Finding$/, ''), each])) };
}

/** The value of a CQL expression, as text; null when there is none. */
export async function valueBySecond(server: string, expression: string): Promise<string | null> {
  const answer = await posted(`${server}/$cql`, [{ name: 'expression', valueString: expression }]);
  if (answer.parameter === undefined) return answer.error;
  const [value] = Object.entries(answer.parameter[0] ?? {}).flatMap(([key, each]) =>
    key.startsWith('value') ? [each as string | number | boolean] : [],
  );
  return value === undefined ? null : String(value);
}

type Posted = { parameter: ParametersParameter[] } | { parameter?: undefined; error: string };

async function posted(url: string, parameter: ParametersParameter[]): Promise<Posted> {
  const body: Parameters = { resourceType: 'Parameters', parameter };
  const signal = AbortSignal.timeout(WITHIN_MS);
  const response = await fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(body), signal });
  const answer = (await response.json()) as Parameters | OperationOutcome;
  const failure = failureIn(answer);
  if (failure !== undefined) return { error: failure };
  return { parameter: (answer as Parameters).parameter ?? [] };
}

/** A failed evaluation is answered with 200 and an outcome among the parameters. */
function failureIn(answer: Parameters | OperationOutcome): string | undefined {
  const outcomes =
    answer.resourceType === 'Parameters' ? (answer.parameter ?? []).map(({ resource }) => resource) : [answer];
  const outcome = outcomes.find((each) => each?.resourceType === 'OperationOutcome');
  // Narrowed by its type, which the elements of Parameters do not have.
  return outcome === undefined ? undefined : ((outcome as OperationOutcome).issue[0]?.diagnostics ?? 'no reason given');
}

/** A list of one would arrive as its member, so each has two at least. */
function parametersOf(record: Pick<PatientRecord, 'encounterId' | 'ordersInContext' | 'draftsToJudge'>): Parameters {
  const { encounterId, ordersInContext, draftsToJudge } = record;
  const lists: [string, readonly string[]][] = [
    ['Encounter In Context', encounterId === undefined ? [] : [encounterId]],
    ['Orders In Context', ordersInContext],
    ['Drafts To Judge', draftsToJudge],
  ];
  return {
    resourceType: 'Parameters',
    parameter: lists.flatMap(([name, ids]) => ['none', 'none', ...ids].map((valueString) => ({ name, valueString }))),
  };
}
