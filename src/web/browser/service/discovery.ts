import type { CdsService } from '../../../cds-hooks.js';

export async function loadServices(base: URL): Promise<CdsService[]> {
  const response = await fetch(new URL('cds-services', base));
  if (!response.ok) throw new Error('The list of services could not be read.');
  // Of our own service.
  return ((await response.json()) as { services: CdsService[] }).services;
}
