import type { FhirResource } from 'fhir/r4.js';
import FHIR from 'fhirclient';
import { kindOf } from './open-server.js';
import { type ReadFhir, ReadProblem } from './fill-prefetch.js';

/** A chart that an EHR has opened for us. */
export interface Connection {
  server: string;
  read: ReadFhir;
  /** Absent: none was chosen. */
  patientId?: string;
  /** False: the EHR shows who the patient is. */
  needsBanner: boolean;
  /** What the card that opened us was about. */
  appContext?: string;
}

export interface Registration {
  iss: string;
  launch?: string;
  clientId: string;
  scope: string;
  redirectUri: string;
}

/** Leaves for the EHR's sign-in; the token comes back to this browser and stays there. */
export async function signIn({ iss, launch, clientId, scope, redirectUri }: Registration): Promise<void> {
  await FHIR.oauth2.authorize({
    iss,
    ...(launch === undefined ? {} : { launch }),
    clientId,
    scope,
    redirectUri,
    // Without it the sign-in dies silently inside a frame.
    completeInTarget: true,
    pkceMode: 'ifSupported',
  });
}

/** Comes back from the sign-in; rejects when it was refused or never begun. */
export async function connected(): Promise<Connection> {
  const client = await FHIR.oauth2.ready();
  const token: Record<string, unknown> = { ...client.state.tokenResponse };
  const server = client.state.serverUrl.replace(/\/+$/, '');
  const patientId = client.patient.id;
  const { appContext } = token;
  return {
    server,
    ...(patientId === null ? {} : { patientId }),
    needsBanner: token['need_patient_banner'] !== false,
    ...(typeof appContext === 'string' ? { appContext } : {}),
    read: async (path, signal) => {
      // A next page may be named whole; the token goes to this server alone.
      const url = new URL(path, `${server}/`).href;
      if (!url.startsWith(`${server}/`)) throw new ReadProblem('failed');
      try {
        // What it is not shows where it is read.
        return await client.request<FhirResource>({ url, signal });
      } catch (error) {
        if (signal.aborted) throw error;
        throw new ReadProblem(kindOf(statusOf(error)));
      }
    },
  };
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : 0;
}

/** A frame of another site may be refused storage, and then no sign-in can be remembered. */
export function canStore(): boolean {
  try {
    return typeof sessionStorage.length === 'number';
  } catch {
    return false;
  }
}
