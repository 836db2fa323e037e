import type { Link } from '../cds-hooks.js';
import type { CardAdvice } from '../reasoning/advice.js';
import type { CardWording } from './card-wording.js';

export interface SmartAppParts {
  wording: CardWording;
  /** Where the EHR launches it; absent: it cannot. */
  smartAppUrl?: string | undefined;
}

/** The link to our SMART app; what the card was about goes with it, and nothing of the patient. */
export function offerSmartApp({ findings }: CardAdvice, { wording, smartAppUrl }: SmartAppParts): Link[] {
  if (smartAppUrl === undefined) return [];
  const appContext = JSON.stringify({ findings: findings.map(({ id }) => id) });
  return [{ label: wording['smart-link'], url: smartAppUrl, type: 'smart', appContext }];
}
