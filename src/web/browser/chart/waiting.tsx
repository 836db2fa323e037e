import { useEffect, useState } from 'preact/hooks';

const SAID_AFTER_MS = 300;
const LONG_AFTER_MS = 4_000;

/** What is waited for: nothing at first, a word soon, and the name of who is slow. */
export function Waiting({ what, whom, onCancel }: { what: string; whom: string; onCancel: () => void }) {
  const [stage, setStage] = useState<'none' | 'soon' | 'long'>('none');
  useEffect(() => {
    const timers = [
      setTimeout(() => {
        setStage('soon');
      }, SAID_AFTER_MS),
      setTimeout(() => {
        setStage('long');
      }, LONG_AFTER_MS),
    ];
    return () => {
      timers.forEach(clearTimeout);
    };
  }, [what]);
  return (
    <p class={`waiting ${stage}`} role="status">
      {stage === 'soon' && `${what} …`}
      {stage === 'long' && (
        <>
          Still waiting for {whom}.{' '}
          <button type="button" class="link" onClick={onCancel}>
            Cancel
          </button>
        </>
      )}
    </p>
  );
}
