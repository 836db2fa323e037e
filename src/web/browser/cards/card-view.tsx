import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Card, Indicator, Link, OverrideReason, Suggestion } from '../../../cds-hooks.js';
import { toSafeHtml } from './markdown.js';
import { Override } from './override.js';

export interface CardActions {
  /** Ids of suggestions that have been taken. */
  taken: ReadonlySet<string>;
  /** Ids that may still be taken back. */
  undoable: ReadonlySet<string>;
  onAccept: (suggestion: Suggestion) => void;
  onUndo: (suggestion: Suggestion) => void;
  onOverride: (reason: OverrideReason | undefined, comment: string) => void;
  onOpenApp: (link: Link) => void;
}

const WORDS: Readonly<Record<Indicator, string>> = { info: 'Information', warning: 'Warning', critical: 'Critical' };

/** A card as an EHR shows it. */
export function CardView({
  card,
  actions,
  isDialog = false,
}: {
  card: Card;
  actions: CardActions;
  isDialog?: boolean;
}) {
  const { indicator, summary, detail, suggestions = [], links = [], source, uuid } = card;
  const [isOverriding, setOverriding] = useState(false);
  const heading = `card-${uuid}${isDialog ? '-dialog' : ''}`;
  return (
    <article class={`card ${indicator}`} aria-labelledby={heading} data-card={uuid}>
      <p class="indicator">
        <IndicatorMark indicator={indicator} /> {WORDS[indicator]}
      </p>
      <h3 id={heading} class="summary">
        {summary}
      </h3>
      {detail !== undefined && <Detail markdown={detail} isWhole={isDialog} />}
      {suggestions.length > 0 && <Suggestions suggestions={suggestions} actions={actions} />}
      {links.length > 0 && <Links links={links} actions={actions} />}
      <div class="card-foot">
        <button
          type="button"
          class="quiet"
          aria-expanded={isOverriding}
          onClick={() => {
            setOverriding(!isOverriding);
          }}
        >
          Dismiss …
        </button>
        <span class="source">{source.label}</span>
      </div>
      {isOverriding && <Override reasons={card.overrideReasons ?? []} onChosen={actions.onOverride} />}
    </article>
  );
}

function IndicatorMark({ indicator }: { indicator: Indicator }) {
  const shapes = {
    info: <circle cx="9" cy="9" r="8" />,
    warning: <path d="M9 1.2 L17.4 16.4 H0.6 Z" />,
    critical: <path d="M5.4 0.8 H12.6 L17.2 5.4 V12.6 L12.6 17.2 H5.4 L0.8 12.6 V5.4 Z" />,
  };
  return (
    <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
      {shapes[indicator]}
      <text x="9" y={indicator === 'warning' ? 14.6 : 13.2}>
        {indicator === 'info' ? 'i' : '!'}
      </text>
    </svg>
  );
}

/** A long detail is folded, as EHRs do, so that what is offered below stays in sight. */
function Detail({ markdown, isWhole }: { markdown: string; isWhole: boolean }) {
  const html = useMemo(() => toSafeHtml(markdown), [markdown]);
  const [isOpen, setOpen] = useState(isWhole);
  const [isLong, setLong] = useState(false);
  const text = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { scrollHeight = 0, clientHeight = 0 } = text.current ?? {};
    if (!isOpen) setLong(scrollHeight > clientHeight + 20);
  }, [html]);
  return (
    <>
      {/* Preact hands the value on as it is; its types know strings only. */}
      <div
        ref={text}
        class={`detail${isOpen ? '' : ' folded'}${isLong ? ' long' : ''}`}
        dangerouslySetInnerHTML={{ __html: html as string }}
      />
      {isLong && (
        <button
          type="button"
          class="link"
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {isOpen ? 'Fold the card' : 'Read the whole card'}
        </button>
      )}
    </>
  );
}

function Suggestions({ suggestions, actions }: { suggestions: readonly Suggestion[]; actions: CardActions }) {
  return (
    <div class="suggestions">
      <h4>Offered</h4>
      <ul>
        {suggestions.map((suggestion) => (
          <li key={suggestion.uuid}>
            {actions.taken.has(suggestion.uuid) ? (
              <Taken suggestion={suggestion} actions={actions} />
            ) : (
              <button
                type="button"
                class="suggestion"
                title={suggestion.actions?.[0]?.description}
                onClick={() => {
                  actions.onAccept(suggestion);
                }}
              >
                {suggestion.label}
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Takes the focus of the button it stands for. */
function Taken({ suggestion, actions }: { suggestion: Suggestion; actions: CardActions }) {
  const undo = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    undo.current?.focus();
  }, []);
  return (
    <p class="taken">
      <span>✓ {suggestion.label}: done.</span>{' '}
      {actions.undoable.has(suggestion.uuid) && (
        <button
          type="button"
          class="link"
          ref={undo}
          onClick={() => {
            actions.onUndo(suggestion);
          }}
        >
          Undo
        </button>
      )}
    </p>
  );
}

function Links({ links, actions }: { links: readonly Link[]; actions: CardActions }) {
  return (
    <ul class="links">
      {links.map((link) => (
        <li>
          {link.type === 'smart' ? (
            <button
              type="button"
              class="link app-link"
              onClick={() => {
                actions.onOpenApp(link);
              }}
            >
              {link.label}
            </button>
          ) : (
            <AbsoluteLink link={link} />
          )}
        </li>
      ))}
    </ul>
  );
}

function AbsoluteLink({ link: { url, label } }: { link: Link }) {
  // What a card says is not believed: a script must not become an address.
  if (!/^https?:/i.test(url)) return <span>{label}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {label}
      <span class="visually-hidden"> (new window)</span>
    </a>
  );
}
