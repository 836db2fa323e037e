import { z } from 'zod';
import { withoutTrailingSlashes } from './trailing-slashes.js';

/** Our registration with the authorization server of one EHR. */
export interface SmartClient {
  /** FHIR base URL without a trailing slash: what the EHR launches us with. */
  iss: string;
  clientId: string;
  /** Origins of authorization and token endpoints that are not the FHIR server's own. */
  origins: string[];
}

const FORM = 'must be entries such as https://ehr.example.org/fhir=client-id, with further origins after a |';

/** An entry of `SMART_CLIENTS`: `<iss>=<client id>`, and after each `|` an origin the app must reach to sign in. */
export const smartClientEntry = z.string().transform((text, issues): SmartClient => {
  const [registration = '', ...origins] = text.split('|').map((part) => part.trim());
  const at = registration.lastIndexOf('=');
  const [iss, clientId] = [registration.slice(0, Math.max(at, 0)), registration.slice(at + 1)];
  const isRight = at > 0 && isBaseUrl(iss) && /^[\x21-\x7e]{1,200}$/.test(clientId) && origins.every(isOrigin);
  if (isRight) return { iss: withoutTrailingSlashes(iss), clientId, origins };
  issues.addIssue({ code: 'custom', message: FORM });
  return z.NEVER;
});

function isBaseUrl(text: string): boolean {
  return /^https?:\/\/[^/]/.test(text) && URL.canParse(text) && !/[?#@\s;,'"]/.test(text);
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
