import type { FhirResource } from 'fhir/r4.js';
import { type ProblemKind, type ReadFhir, ReadProblem } from './fill-prefetch.js';

const LONGEST_WAIT_MS = 20_000;

/** Reads from a FHIR server without a token; never leaves its base URL. */
export function openServer(baseUrl: string): ReadFhir {
  const base = `${baseUrl.replace(/\/+$/, '')}/`;
  return async (path, signal) => {
    const url = new URL(path, base);
    if (!url.href.startsWith(base)) throw new ReadProblem('failed');
    const response = await fetched(url, signal);
    if (!response.ok) throw new ReadProblem(kindOf(response.status));
    // What it is not shows where it is read.
    return (await readJson(response)) as FhirResource;
  };
}

export function kindOf(status: number): ProblemKind {
  if (status === 404 || status === 410) return 'not-found';
  if (status === 401) return 'signed-out';
  return status === 403 ? 'forbidden' : 'failed';
}

async function fetched(url: URL, signal: AbortSignal): Promise<Response> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT_MS)]);
  try {
    return await fetch(url, { headers: { Accept: 'application/fhir+json' }, signal: limited });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ReadProblem(limited.aborted ? 'timed-out' : 'failed');
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new ReadProblem('failed');
  }
}
