import type { HookName } from '../../../cds-hooks.js';

/** What a link to the demo can say. */
export interface DemoAddress {
  server?: string;
  patient?: string;
  hook: HookName;
}

const HOOKS: readonly string[] = ['patient-view', 'order-select', 'order-sign'] satisfies HookName[];

export function readAddress(search: string): DemoAddress {
  const query = new URLSearchParams(search);
  const [server, patient, hook] = ['server', 'patient', 'hook'].map((name) => query.get(name) ?? undefined);
  return {
    ...(server === undefined ? {} : { server }),
    ...(patient === undefined || !/^[A-Za-z0-9\-.]{1,64}$/.test(patient) ? {} : { patient }),
    hook: isHook(hook) ? hook : 'patient-view',
  };
}

/** Relative, so that it holds under any path. */
export function writeAddress({ server, patient, hook }: DemoAddress): string {
  const query = new URLSearchParams();
  if (server !== undefined) query.set('server', server);
  if (patient !== undefined) query.set('patient', patient);
  if (hook !== 'patient-view') query.set('hook', hook);
  const text = query.toString();
  return text === '' ? location.pathname : `?${text}`;
}

function isHook(text: string | undefined): text is HookName {
  return text !== undefined && HOOKS.includes(text);
}
