import express from 'express';
import type { FhirResource, Patient } from 'fhir/r4.js';
import { listen } from '../../src/http/server.js';
import { demoFhir } from '../../src/web/demo-fhir.js';

/** How a FHIR server is to behave until it is told otherwise. */
export interface Behaviour {
  /** Status by resource type. */
  fails: Record<string, number>;
  /** Waits for this promise before it answers a resource type. */
  holds: Record<string, Promise<void>>;
  /** Demands a bearer token. */
  needsToken: boolean;
}

export interface FhirStandIn {
  url: string;
  behaviour: Behaviour;
  /** Addresses asked, with the Authorization header. */
  asked: { path: string; authorization: string | undefined }[];
  close: () => Promise<void>;
}

/** A FHIR server elsewhere that browsers may read, with one record for each list of resources; it can be told to fail. */
export async function startFhirStandIn(records: readonly (readonly FhirResource[])[]): Promise<FhirStandIn> {
  const behaviour: Behaviour = { fails: {}, holds: {}, needsToken: false };
  const asked: FhirStandIn['asked'] = [];
  const app = express();
  app.use((request, response, next) => {
    response.set('Access-Control-Allow-Origin', '*').set('Access-Control-Allow-Headers', 'Authorization, Accept');
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    const type = /\/fhir\/([A-Za-z]+)/.exec(request.path)?.[1] ?? '';
    asked.push({ path: request.originalUrl, authorization: request.get('Authorization') });
    const isLetIn = !behaviour.needsToken || request.get('Authorization') !== undefined;
    void (behaviour.holds[type] ?? Promise.resolve()).then(() => {
      const status = isLetIn ? behaviour.fails[type] : 401;
      if (status === undefined) next();
      else response.status(status).json({ resourceType: 'OperationOutcome', issue: [] });
    });
  });
  const demo = records.map((resources) => ({
    // The first resource of a record is its patient.
    patient: resources[0] as Patient,
    title: 'A record',
    lacksCramp: false,
    resources: [...resources],
  }));
  let base = '';
  app.use('/fhir', (request, response, next) => {
    demoFhir({ records: demo, now: new Date(), baseUrl: base })(request, response, next);
  });
  const { url, close } = await listen(app, { host: '127.0.0.1', port: 0 });
  base = `${url}/fhir`;
  return { url: base, behaviour, asked, close };
}
