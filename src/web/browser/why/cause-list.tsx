import type { Evidence, ExplainedFinding } from '../service/explained.js';
import { likelihoodText } from '../wording.js';

export interface CauseListProps {
  findings: readonly ExplainedFinding[];
  /** Points at a result or a medicine below. */
  onPoint: (reference: string) => void;
  /** References that are drawn: others cannot be pointed at. */
  drawn: ReadonlySet<string>;
  ringed?: string | undefined;
  /** Ids of the findings on the card the app was opened from. */
  fromCard?: readonly string[];
}

/** The findings with their points, most first. */
export function CauseList({ findings, ...rest }: CauseListProps) {
  return (
    <ol class="causes">
      {findings.map((finding, index) => (
        <Cause key={finding.id} finding={finding} place={index + 1} {...rest} />
      ))}
    </ol>
  );
}

type CauseProps = Omit<CauseListProps, 'findings'> & { finding: ExplainedFinding; place: number };

function Cause({ finding, place, fromCard = [], ...rest }: CauseProps) {
  const { id, title, kind, points, evidence, against, capped, urgency } = finding;
  const isCause = kind === 'cause';
  return (
    <li class={`cause ${finding.likelihood ?? kind}`} data-finding={id}>
      <div class="cause-head">
        <h3>
          <span class="place">{place}</span>
          {title}
        </h3>
        {urgency !== undefined && <span class="urgent">{urgency === 'urgent' ? 'Act now' : 'Repeat today'}</span>}
        {finding.likelihood !== undefined && <Likelihood value={finding.likelihood} />}
      </div>
      {evidence.length > 0 && (
        <table class="points">
          <caption class="visually-hidden">{isCause ? `Points for ${title}` : `Evidence for ${title}`}</caption>
          <thead class="visually-hidden">
            <tr>
              <th scope="col">Points</th>
              <th scope="col">Evidence</th>
            </tr>
          </thead>
          <tbody>
            {evidence.map((line) => (
              <EvidenceRow line={line} {...rest} />
            ))}
          </tbody>
          {isCause && <Total finding={finding} />}
        </table>
      )}
      {against.length > 0 && (
        <p class="against">
          <b>Speaks against:</b> {against.join('; ')}.
        </p>
      )}
      {fromCard.includes(id) && <p class="from-card">The card that opened this names it.</p>}
      {capped && points > 0 && <p class="from-card">Limited: not all of the evidence is settled.</p>}
    </li>
  );
}

function Likelihood({ value }: { value: NonNullable<ExplainedFinding['likelihood']> }) {
  const filled = { likely: 3, possible: 2, unlikely: 1 }[value];
  return (
    <span class={`likelihood ${value}`}>
      <svg viewBox="0 0 34 10" width="34" height="10" aria-hidden="true">
        {[5, 17, 29].map((x, index) => (
          <circle cx={x} cy="5" r="4" class={index < filled ? 'on' : 'off'} />
        ))}
      </svg>
      {likelihoodText(value)}
    </span>
  );
}

function EvidenceRow({
  line,
  onPoint,
  drawn,
  ringed,
}: { line: Evidence } & Pick<CauseListProps, 'onPoint' | 'drawn' | 'ringed'>) {
  const { points, text, limit, reference } = line;
  const isDrawn = reference !== undefined && drawn.has(reference);
  const words = (
    <>
      <EvidenceText text={text} />
      {limit !== undefined && <span class="limit-text">{limitText(limit)}</span>}
    </>
  );
  return (
    <tr class={points === 0 ? 'without-points' : undefined}>
      <td class="point-count">
        {points === 0 ? <span class="visually-hidden">0</span> : `${points > 0 ? '+' : '−'}${String(Math.abs(points))}`}
      </td>
      <td>
        {isDrawn ? (
          <button
            type="button"
            class="point-at"
            aria-pressed={reference === ringed}
            onClick={() => {
              onPoint(reference);
            }}
          >
            {words}
          </button>
        ) : (
          <span class="evidence-text">{words}</span>
        )}
      </td>
    </tr>
  );
}

/** `limit 8.0 mg/dL`, with at least the decimals it was given with. */
function limitText({ value, unit }: NonNullable<Evidence['limit']>): string {
  return `limit ${String(value)}${unit === '1' ? '' : ` ${unit}`}`;
}

/** `Calcium 7.8 mg/dL (17 Nov 2026, 5 days ago)`: the date is said more quietly. */
function EvidenceText({ text }: { text: string }) {
  const [, said = text, when] = /^(.*) \(([^()]*\d{4}[^()]*)\)$/s.exec(text) ?? [];
  return (
    <>
      {said} {when !== undefined && <span class="when">{when}</span>}
    </>
  );
}

function Total({ finding: { points, evidence } }: { finding: ExplainedFinding }) {
  const sum = evidence.reduce((total, line) => total + line.points, 0);
  return (
    <tfoot>
      <tr>
        <td class="point-count">{points}</td>
        <td>
          points, a ranking and not a probability
          {sum !== points && ` (the lines add up to ${String(sum)})`}
        </td>
      </tr>
    </tfoot>
  );
}
