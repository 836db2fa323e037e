import type { ComponentChildren } from 'preact';
import type { Explained, ExplainedFinding } from '../service/explained.js';
import { CauseList, type CauseListProps } from './cause-list.js';
import { LookedAt } from './looked-at.js';
import { NotKnown } from './not-known.js';
import { OtherRules } from './other-rules.js';
import { silence } from './silence.js';

export interface WhyScreenProps extends Omit<CauseListProps, 'findings'> {
  explained: Explained;
  /** What was looked at, in short: newest values and medicines. */
  lookedAt: readonly string[];
  children?: ComponentChildren;
}

/** The answer, what is not known, what was found but is not shown, and why nothing else. */
export function WhyScreen({ explained, lookedAt, children, ...rest }: WhyScreenProps) {
  const named = explained.findings.filter(({ shown, kind }) => shown && kind !== 'insufficient');
  const under = explained.findings.filter(({ shown, kind, points }) => !shown && kind === 'cause' && points > 0);
  const cannotJudge = explained.findings.some(({ shown, kind }) => shown && kind === 'insufficient');
  return (
    <>
      {named.length > 0 && <CauseList findings={named} {...rest} />}
      {named.length === 0 && cannotJudge && <CannotJudge explained={explained} />}
      {named.length === 0 && !cannotJudge && <Silence explained={explained} lookedAt={lookedAt} />}
      <NotKnown explained={explained} />
      {under.length > 0 && <Under findings={under} {...rest} />}
      {children}
      <OtherRules explained={explained} />
    </>
  );
}

function CannotJudge({ explained }: { explained: Explained }) {
  const [summary] = explained.cards.map((card) => card.summary);
  return (
    <section class="panel quiet-panel" data-state="cannot-judge">
      <h3>It cannot be judged yet</h3>
      <p>{summary}</p>
      <p>What is missing or too old is listed below; the card offers the tests as draft orders.</p>
    </section>
  );
}

/** Nothing found and nothing to say are not the same. */
function Silence({ explained, lookedAt }: { explained: Explained; lookedAt: readonly string[] }) {
  const { kind, title, lines } = silence(explained);
  return (
    <section class="panel quiet-panel" data-state={kind}>
      <h3>{title}</h3>
      {lines.map((line) => (
        <p>{line}</p>
      ))}
      {kind === 'nothing-found' && <LookedAt items={lookedAt} />}
    </section>
  );
}

function Under({ findings, ...rest }: { findings: readonly ExplainedFinding[] } & Omit<CauseListProps, 'findings'>) {
  return (
    <details class="panel under">
      <summary>
        <h3>Found, but not on a card ({findings.length})</h3>
      </summary>
      <p>Fewer points than are needed to be shown, or accounted for by a finding above.</p>
      <CauseList findings={findings} {...rest} />
    </details>
  );
}
