import { useState } from 'preact/hooks';
import type { Exchange } from '../service/post.js';

export interface ExchangePanelProps {
  exchange: Exchange;
  hook: string;
  filledIn: number | undefined;
  /** What the demo added to the record, in words. */
  added?: string | undefined;
}

const LONGEST_SHOWN = 60_000;

/** What went out and what came back, as a client sees it. */
export function ExchangePanel({ exchange, hook, filledIn, added }: ExchangePanelProps) {
  const [copied, setCopied] = useState('');
  const { url, request, response, status, ms, stages } = exchange;
  const copy = (what: string, text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(`${what} copied`);
      },
      () => {
        setCopied('The browser does not let this page copy.');
      },
    );
  };
  const curl = `curl -s '${url}' -H 'Content-Type: application/json' -d '${request.replaceAll("'", `'\\''`)}'`;
  return (
    <details class="panel exchange">
      <summary>
        <h3>
          Exchange <code>{hook}</code> <span class="status">{status ?? 'no answer'}</span>{' '}
          <span class="when">{Math.round(ms)} ms</span>
        </h3>
      </summary>
      <dl class="timing">
        {filledIn !== undefined && <Time name="Filling prefetch" ms={filledIn} />}
        <Time name="Waiting for the answer" ms={ms} />
        {stages.map((stage) => (
          <Time name={`in the service: ${stage.name}`} ms={stage.ms} />
        ))}
        <div>
          <dt>Size</dt>
          <dd>
            {kilobytes(request)} out, {kilobytes(response)} back
          </dd>
        </div>
      </dl>
      {added !== undefined && <p class="hint">{added}</p>}
      <div class="copying">
        <button
          type="button"
          class="quiet"
          onClick={() => {
            copy('Request', request);
          }}
        >
          Copy request
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            copy('Command', curl);
          }}
        >
          Copy as curl
        </button>
        <span role="status">{copied}</span>
      </div>
      <h4>Request</h4>
      <pre tabIndex={0} aria-label="Request">
        {pretty(request)}
      </pre>
      <h4>Response</h4>
      <pre tabIndex={0} aria-label="Response">
        {response === '' ? 'None came.' : pretty(response)}
      </pre>
    </details>
  );
}

function Time({ name, ms }: { name: string; ms: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms</dd>
    </div>
  );
}

function kilobytes(text: string): string {
  return `${(new TextEncoder().encode(text).length / 1000).toFixed(1)} kB`;
}

function pretty(text: string): string {
  try {
    const lines = JSON.stringify(JSON.parse(text), null, 2);
    return lines.length > LONGEST_SHOWN ? `${lines.slice(0, LONGEST_SHOWN)}\n… copy it to see all` : lines;
  } catch {
    return text.slice(0, LONGEST_SHOWN);
  }
}
