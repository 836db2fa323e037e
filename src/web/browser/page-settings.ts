/** A sample patient as the list shows it. */
export interface DemoPatient {
  id: string;
  name: string;
  gender?: string;
  birthDate?: string;
  title: string;
  about?: string;
  /** The instant the record is seen from; absent: now. */
  seenFrom?: string;
  lacksCramp: boolean;
  source?: string;
  /** Days of the oldest and the newest result. */
  from?: string;
  to?: string;
}

/** What the service tells its own pages before they ask anything. */
export interface PageSettings {
  name: string;
  /** Semantic version of the clinical knowledge. */
  knowledge: string;
  demo: { fhir: string; clientId: string; patients: DemoPatient[] } | null;
  /** Base URLs of further FHIR servers to choose from. */
  servers: string[];
  smartClients: { iss: string; clientId: string }[];
  scope: string;
  valueSets: { name: string; codes: string[] }[];
}

/** The address of the service: pages stand at its root, but for the launch page one folder below. */
export function serviceBase(): URL {
  return new URL(location.pathname.endsWith('/launch') ? '..' : '.', location.href);
}

export async function loadSettings(base: URL): Promise<PageSettings> {
  const response = await fetch(new URL('app/settings', base));
  if (!response.ok) throw new Error('The settings of the service could not be read.');
  // Written by the same build.
  return (await response.json()) as PageSettings;
}

/** The FHIR base URL of the sample patients. */
export function samplesServer({ demo }: PageSettings, base: URL): string | undefined {
  return demo === null ? undefined : new URL(demo.fhir.replace(/^\//, ''), base).href;
}
