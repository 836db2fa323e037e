import type { Explained } from '../service/explained.js';
import { ANSWER_TEXT, criterionText, reasonText } from '../wording.js';

/** Every other rule with the reason it did not apply, and whom the rules are for. */
export function OtherRules({ explained: { notApplied, gate } }: { explained: Explained }) {
  return (
    <details class="panel other-rules">
      <summary>
        <h3>Why nothing else ({notApplied.length} rules)</h3>
      </summary>
      <p class="gate">
        {gate.criteria.map((criterion) => (
          <span>
            {criterionText(criterion)}: <b>{ANSWER_TEXT[criterion.value]}</b>
          </span>
        ))}
      </p>
      <dl>
        {notApplied.map(({ id, title, unmet }) => (
          <div key={id}>
            <dt>{title}</dt>
            <dd>
              {reasonText(unmet)}
              <Absent names={unmet.flatMap(({ absent }) => absent)} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const MOST_NAMED = 6;

function Absent({ names }: { names: readonly string[] }) {
  const different = [...new Set(names)];
  if (different.length === 0) return null;
  const more = different.length > MOST_NAMED ? ' …' : '';
  return <span class="absent"> Absent: {different.slice(0, MOST_NAMED).join(', ') + more}.</span>;
}
