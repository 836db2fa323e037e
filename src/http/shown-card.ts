import type { Card, Indicator } from '../cds-hooks.js';

const FINDINGS = 'org.renal-cramp-cds.findings';

/** What is remembered, counted and put on record of a card that was shown: no evidence, nothing of the patient. */
export interface ShownCard {
  uuid: string;
  indicator: Indicator;
  /** Code of the source's topic. */
  topic: string;
  findings: readonly { id: string; likelihood: string }[];
}

export function shownCard({ uuid, indicator, source, extension }: Card): ShownCard {
  // as: render-card writes it so.
  const findings = (extension?.[FINDINGS] ?? []) as ShownCard['findings'];
  const told = findings.map(({ id, likelihood }) => ({ id, likelihood }));
  return { uuid, indicator, topic: source.topic?.code ?? '', findings: told };
}
