import { useEffect, useState } from 'preact/hooks';
import { type Exchange, problemText } from '../service/post.js';

/** No answer is not "nothing found": it says so, and offers another try. */
export function NotJudged({ exchange, onRetry }: { exchange: Exchange | undefined; onRetry: () => void }) {
  const wait = useCountdown(exchange?.retryAfter ?? 0, exchange);
  const status = exchange?.status;
  return (
    <section class="panel not-judged" role="alert" data-state="not-judged">
      <h3>Not judged</h3>
      <p>
        {exchange === undefined ? 'The question was not asked to the end.' : problemText(exchange)}
        {status !== undefined && ` (status ${String(status)})`}
      </p>
      <p>This says nothing about the patient. What was read stays drawn.</p>
      <button type="button" disabled={wait > 0} onClick={onRetry}>
        {wait > 0 ? `Retry in ${String(wait)} s` : 'Retry'}
      </button>
    </section>
  );
}

function useCountdown(seconds: number, restart: unknown): number {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    setLeft(seconds);
    const timer = setInterval(() => {
      setLeft((before) => Math.max(0, before - 1));
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, [restart]);
  return left;
}
