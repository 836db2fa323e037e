import { useState } from 'preact/hooks';
import type { HookName } from '../../../cds-hooks.js';
import { type CatalogueEntry, CATALOGUE, doseText } from './draft-catalogue.js';
import { type Draft, draftName, referenceOf } from './use-drafts.js';

export interface DraftOrdersProps {
  drafts: readonly Draft[];
  selected: ReadonlySet<string>;
  onAdd: (entry: CatalogueEntry) => void;
  onRemove: (reference: string) => void;
  onToggle: (reference: string) => void;
  onFire: (hook: HookName) => void;
}

/** The draft tray: choosing a draft asks order-select, signing asks order-sign. */
export function DraftOrders({ drafts, selected, onAdd, onRemove, onToggle, onFire }: DraftOrdersProps) {
  const [index, setIndex] = useState(0);
  const chosen = CATALOGUE[index];
  return (
    <section class="drafts panel" aria-labelledby="drafts-heading">
      <h2 id="drafts-heading">Draft orders</h2>
      <div class="draft-add">
        <label>
          <span>Medicine</span>
          <select
            value={index}
            onChange={(event) => {
              setIndex(Number(event.currentTarget.value));
            }}
          >
            {CATALOGUE.map((entry, place) => (
              <option value={place}>
                {entry.name}, {doseText(entry)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="primary"
          onClick={() => {
            if (chosen !== undefined) onAdd(chosen);
          }}
        >
          Draft it
        </button>
      </div>
      {drafts.length === 0 ? (
        <p class="hint">Draft a medicine to see what the service says before it is signed.</p>
      ) : (
        <ul class="draft-list">
          {drafts.map((draft) => (
            <DraftLine
              key={referenceOf(draft)}
              draft={draft}
              isSelected={selected.has(referenceOf(draft))}
              onRemove={onRemove}
              onToggle={onToggle}
            />
          ))}
        </ul>
      )}
      <div class="hooks">
        <button
          type="button"
          onClick={() => {
            onFire('patient-view');
          }}
        >
          Open chart <code>patient-view</code>
        </button>
        <button
          type="button"
          disabled={selected.size === 0}
          onClick={() => {
            onFire('order-select');
          }}
        >
          Select order <code>order-select</code>
        </button>
        <button
          type="button"
          disabled={drafts.length === 0}
          onClick={() => {
            onFire('order-sign');
          }}
        >
          Sign orders <code>order-sign</code>
        </button>
      </div>
    </section>
  );
}

function DraftLine({
  draft,
  isSelected,
  onRemove,
  onToggle,
}: { draft: Draft; isSelected: boolean } & Pick<DraftOrdersProps, 'onRemove' | 'onToggle'>) {
  const reference = referenceOf(draft);
  const name = draftName(draft);
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={isSelected}
          onChange={() => {
            onToggle(reference);
          }}
        />
        <span>
          {name}{' '}
          <small>{draft.resourceType === 'MedicationRequest' ? draft.dosageInstruction?.[0]?.text : 'test'}</small>
        </span>
      </label>
      <button
        type="button"
        class="link"
        aria-label={`Remove the draft ${name}`}
        onClick={() => {
          onRemove(reference);
        }}
      >
        Remove
      </button>
    </li>
  );
}
