import type { OpenedServer, ReadResult, SearchResult, ServerNamed } from './fhir-gateway.js';
import type { EnoughRead } from './prefetch-templates.js';

/** What a thread asks of the gateway, which stands in the main thread with all it knows of the servers. */
export type FhirQuestion =
  | { open: ServerNamed }
  | { search: string; enough: EnoughRead | undefined; resourceType: string | undefined }
  | { read: string; id: string };

type Ask = (question: FhirQuestion) => Promise<unknown>;

/** In the thread: the server that the request names, through the gateway; undefined when it may not be called. */
export async function relayedServer(named: ServerNamed, ask: Ask): Promise<OpenedServer | undefined> {
  const { fhirServer, fhirAuthorization } = named;
  if (fhirServer === undefined) return undefined;
  const open = { fhirServer, ...(fhirAuthorization === undefined ? {} : { fhirAuthorization }) };
  if ((await ask({ open })) !== true) return undefined;
  // as: `relayAnswers` replies to each question with what the same method of the gateway returns.
  return {
    search: async (search, enough, resourceType) => (await ask({ search, enough, resourceType })) as SearchResult,
    read: async (read, id) => (await ask({ read, id })) as ReadResult,
  };
}

/** In the main thread: replies to the questions of one job. */
export function relayAnswers(openServer: (named: ServerNamed) => OpenedServer | undefined): Ask {
  let server: OpenedServer | undefined;
  return async (question) => {
    if ('open' in question) {
      server = openServer(question.open);
      return server !== undefined;
    }
    if ('search' in question) return server?.search(question.search, question.enough, question.resourceType);
    return server?.read(question.read, question.id);
  };
}
