import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Card, Link } from '../../../cds-hooks.js';
import { type CardActions, CardView } from '../cards/card-view.js';
import { NotJudged } from '../chart/not-judged.js';
import type { Chart, Judged } from '../chart/use-chart.js';
import { Waiting } from '../chart/waiting.js';
import { silence } from '../why/silence.js';
import { CriticalDialog } from './critical-dialog.js';
import type { FeedbackLine, useFeedback } from './use-feedback.js';

export interface AdviceProps {
  chart: Chart;
  server: string;
  serviceId: string;
  feedback: ReturnType<typeof useFeedback>;
  onRetry: () => void;
  onCancel: () => void;
  onOpenApp: (link: Link) => void;
}

/** The column an EHR keeps for advice. */
export function Advice({ chart, server, serviceId, feedback, onRetry, onCancel, onOpenApp }: AdviceProps) {
  const { phase, judged } = chart;
  const isWaiting = phase === 'reading' || phase === 'judging';
  const actionsFor = (card: Card): CardActions => ({
    taken: feedback.taken,
    undoable: feedback.undoable,
    onAccept: (suggestion) => {
      feedback.accept(serviceId, card, suggestion);
    },
    onUndo: feedback.undo,
    onOverride: (reason, comment) => {
      feedback.dismiss(serviceId, card, reason, comment);
    },
    onOpenApp,
  });
  return (
    <aside class="advice" aria-labelledby="advice-heading" aria-busy={isWaiting}>
      <div class="advice-head">
        <h2 id="advice-heading">Advice</h2>
        {judged?.call && !isWaiting && (
          <p class="call">
            <code>{judged.hook}</code> {judged.call.status ?? 'no answer'} · {Math.round(judged.call.ms)} ms
          </p>
        )}
      </div>
      {isWaiting && (
        <Waiting
          what={phase === 'reading' ? 'Reading the record' : 'Asking the service'}
          whom={phase === 'reading' ? server : 'the service'}
          onCancel={onCancel}
        />
      )}
      {phase === 'cancelled' && <NotJudged exchange={undefined} onRetry={onRetry} />}
      {(phase === 'done' || phase === 'explaining') && judged && (
        <Answer judged={judged} feedback={feedback} actionsFor={actionsFor} onRetry={onRetry} />
      )}
      <FeedbackLog lines={feedback.lines} onRetry={feedback.retry} />
    </aside>
  );
}

interface AnswerProps {
  judged: Judged;
  feedback: AdviceProps['feedback'];
  actionsFor: (card: Card) => CardActions;
  onRetry: () => void;
}

const ORDER = ['critical', 'warning', 'info'];

function Answer({ judged, feedback, actionsFor, onRetry }: AnswerProps) {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const { cards } = judged;
  if (cards === undefined) return <NotJudged exchange={judged.call} onRetry={onRetry} />;
  const sorted = cards.toSorted((a, b) => ORDER.indexOf(a.indicator) - ORDER.indexOf(b.indicator));
  const critical = sorted.find(
    ({ indicator, uuid }) => indicator === 'critical' && !seen.has(uuid) && !feedback.closed.has(uuid),
  );
  return (
    <>
      {sorted.length === 0 && <NoCard judged={judged} />}
      {sorted.map((card) =>
        feedback.closed.has(card.uuid) ? (
          <Closed
            key={card.uuid}
            card={card}
            canReopen={feedback.undoable.has(card.uuid)}
            onReopen={() => {
              feedback.reopen(card);
            }}
          />
        ) : (
          <CardView key={card.uuid} card={card} actions={actionsFor(card)} />
        ),
      )}
      {critical && (
        <CriticalDialog
          key={critical.uuid}
          card={critical}
          actions={actionsFor(critical)}
          onClose={() => {
            setSeen(new Set([...seen, critical.uuid]));
          }}
        />
      )}
    </>
  );
}

/** An empty list is an answer too: why it is empty is said. */
function NoCard({ judged }: { judged: Judged }) {
  return (
    <section class="panel quiet-panel" data-state="no-card">
      <h3>No card</h3>
      <p>The service answered and has nothing to say.</p>
      <p>{whyNoCard(judged)}</p>
    </section>
  );
}

function whyNoCard({ explained, explaining }: Judged): string {
  if (explained !== undefined) return `${silence(explained).title}.`;
  if (explaining === undefined) return 'Asking why …';
  return `Why is not known: the explanation was not had (status ${String(explaining.status ?? 'none')}).`;
}

/** Where the card was; the focus that was in it must not be lost. */
function Closed({ card, canReopen, onReopen }: { card: Card; canReopen: boolean; onReopen: () => void }) {
  const undo = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    undo.current?.focus();
  }, []);
  return (
    <p class="closed-card">
      Dismissed: {card.summary}{' '}
      {canReopen && (
        <button type="button" class="link" ref={undo} onClick={onReopen}>
          Undo
        </button>
      )}
    </p>
  );
}

function FeedbackLog({
  lines,
  onRetry,
}: {
  lines: readonly FeedbackLine[];
  onRetry: (line: FeedbackLine) => Promise<void>;
}) {
  if (lines.length === 0) return null;
  return (
    <section class="panel feedback" aria-labelledby="feedback-heading">
      <h3 id="feedback-heading">Feedback</h3>
      <ul role="status">
        {lines.map((line) => (
          <li key={line.id} class={line.state}>
            {line.text}. {line.state === 'sending' && 'Sending …'}
            {line.state === 'stored' && `Feedback stored (${line.answer}).`}
            {line.state === 'failed' && (
              <>
                Not stored: {line.answer}{' '}
                <button
                  type="button"
                  class="link"
                  onClick={() => {
                    void onRetry(line);
                  }}
                >
                  Retry
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
