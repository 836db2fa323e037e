import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { OverrideReason } from '../../../cds-hooks.js';

export interface OverrideProps {
  reasons: readonly OverrideReason[];
  onChosen: (reason: OverrideReason | undefined, comment: string) => void;
}

/** One click on a reason closes the card; none is needed. */
export function Override({ reasons, onChosen }: OverrideProps) {
  const [comment, setComment] = useState('');
  const first = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    first.current?.focus();
  }, []);
  return (
    <div class="override" role="group" aria-label="Reason for dismissing">
      <ul>
        {[...reasons, undefined].map((reason, index) => (
          <li>
            <button
              type="button"
              ref={index === 0 ? first : null}
              onClick={() => {
                onChosen(reason, comment.trim());
              }}
            >
              {reason?.display ?? 'No reason'}
            </button>
          </li>
        ))}
      </ul>
      <label>
        <span>In your words, optional. Do not write names.</span>
        <input
          type="text"
          maxLength={500}
          value={comment}
          onInput={(event) => {
            setComment(event.currentTarget.value);
          }}
        />
      </label>
    </div>
  );
}
