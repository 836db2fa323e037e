import { useEffect, useRef } from 'preact/hooks';
import type { Card } from '../../../cds-hooks.js';
import { type CardActions, CardView } from '../cards/card-view.js';

/** A critical card stands in the way once, as it does in an EHR; the browser moves the focus in and back. */
export function CriticalDialog({ card, actions, onClose }: { card: Card; actions: CardActions; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const seen = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    // Not on what the card offers: Enter must order nothing unread.
    seen.current?.focus();
  }, []);
  const close = (): void => {
    dialog.current?.close();
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-label="Critical advice">
      <CardView card={card} actions={actions} isDialog />
      <button type="button" ref={seen} class="primary seen-button" onClick={close}>
        I have seen it
      </button>
    </dialog>
  );
}
