import type { Criterion, Explained } from '../service/explained.js';
import { ANSWER_TEXT, criterionText } from '../wording.js';

export interface SilenceReason {
  kind: 'out-of-scope' | 'not-asked' | 'nothing-found';
  title: string;
  lines: string[];
}

/** Why there is no card: who the rules are for, what they wait for, or that nothing was found. */
export function silence({ gate, notApplied }: Pick<Explained, 'gate' | 'notApplied'>): SilenceReason {
  const unmet = gate.criteria.filter(({ value }) => value !== 'true');
  if (gate.value !== 'true')
    return {
      kind: 'out-of-scope',
      title: 'No advice: this patient is out of scope',
      lines: unmet.map((criterion) => `${criterionText(criterion)}: ${ANSWER_TEXT[criterion.value]}.`),
    };
  const shared = sharedByMost(notApplied);
  if (shared !== undefined)
    return {
      kind: 'not-asked',
      title: 'No advice: the question does not arise',
      lines: [`${criterionText(shared)}: ${ANSWER_TEXT[shared.value]}. Nearly every cause waits for it.`],
    };
  return {
    kind: 'nothing-found',
    title: 'No cause found',
    lines: ['Everything that could be looked at was looked at.'],
  };
}

/** The one criterion that keeps nearly all causes from applying. */
function sharedByMost(notApplied: Explained['notApplied']): Criterion | undefined {
  const causes = notApplied.filter(({ id }) => !id.startsWith('draft-'));
  const counts = new Map<string, { criterion: Criterion; count: number }>();
  for (const criterion of causes.flatMap(({ unmet }) => unmet.filter(({ alternative }) => alternative !== true))) {
    const known = counts.get(criterion.criterion);
    counts.set(criterion.criterion, { criterion, count: (known?.count ?? 0) + 1 });
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  return most !== undefined && most.count > causes.length * 0.6 ? most.criterion : undefined;
}
