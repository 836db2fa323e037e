/** What somebody can click and type once the service and a FHIR server with the sample patients are up. */

/** The call that a client makes when this patient's chart is opened, without prefetch. */
export function chartOpened(service, fhirServer, patientId) {
  const body = {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    fhirServer,
    context: { userId: 'Practitioner/example', patientId },
  };
  return { url: `${service}/cds-services/renal-cramps-patient-view`, body: JSON.stringify(body) };
}

/**
 * @param fhirServer its base URL as the service calls it
 * @param browsable its base URL as a browser on this machine does
 */
export function whatToTry(service, fhirServer, samples, browsable = fhirServer) {
  const [first] = samples;
  const { url, body } = chartOpened(service, fhirServer, first.id);
  return `
The service:     ${service}/  and what it offers: ${service}/cds-services
The FHIR server: ${browsable}/Patient  and one record: ${browsable}/Patient/${first.id}/$everything
The patients:
${samples.map(({ id, title }) => `  ${id}: ${title}`).join('\n')}

Open a chart (the service reads the FHIR server by itself); any other patient goes in for ${first.id}:

curl -s ${url} -H 'Content-Type: application/json' -d '${body}'
`;
}
