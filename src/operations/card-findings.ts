import type { Card } from '../cds-hooks.js';

const FINDINGS = 'org.renal-cramp-cds.findings';

/** What a card says was found: ids and likelihoods alone, no evidence. */
export function findingsOnCard({ extension }: Pick<Card, 'extension'>): { id: string; likelihood: string }[] {
  // as: render-card writes it so.
  const findings = (extension?.[FINDINGS] ?? []) as { id: string; likelihood: string }[];
  return findings.map(({ id, likelihood }) => ({ id, likelihood }));
}
