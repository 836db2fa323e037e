/**
 * The same knowledge as its makers' documentation would have it run: cql-execution over cql-exec-fhir, the libraries
 * built once, everything else anew for each request.
 */
import { createServer } from 'node:http';
import { Executor } from 'cql-execution';
import { PatientSource } from 'cql-exec-fhir';
import { FOLDERS } from '../../dist/folders.js';
import { loadKnowledge } from '../../dist/reasoning/knowledge.js';

const { libraries, codeService } = loadKnowledge(FOLDERS);
const NOTHING = { 'Encounter In Context': ['none'], 'Orders In Context': ['none'], 'Drafts To Judge': ['none'] };

/** Every resource of every prefetched Bundle, or the one resource that was read. */
function resourcesIn({ prefetch }) {
  return Object.values(prefetch).flatMap((value) => value?.entry?.map(({ resource }) => resource) ?? value ?? []);
}

async function findingsIn(body) {
  const bundle = { resourceType: 'Bundle', entry: resourcesIn(body).map((resource) => ({ resource })) };
  const findings = {};
  for (const [name, library] of libraries) {
    const source = PatientSource.FHIRv401();
    source.loadBundles([bundle]);
    const executor = new Executor(library, codeService, NOTHING);
    const { patientResults } = await executor.exec_expression('Finding', source);
    const [answer] = Object.values(patientResults);
    if (answer?.Finding != null) findings[name] = answer.Finding;
  }
  return findings;
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const findings = await findingsIn(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(findings));
});

server.listen(0, '127.0.0.1', () => {
  console.log(server.address().port);
});
