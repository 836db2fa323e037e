/** One exchange with the service, as the page shows it. */
export interface Exchange {
  method: 'POST';
  url: string;
  request: string;
  /** Absent: no answer came. */
  status?: number;
  response: string;
  /** Milliseconds until the whole answer was here. */
  ms: number;
  /** What the service says of its stages. */
  stages: { name: string; ms: number }[];
  /** Seconds to wait before trying again. */
  retryAfter?: number;
}

/** Posts JSON and never throws but when aborted: no answer is a state of the page. */
export async function post(url: URL, body: object, signal: AbortSignal): Promise<Exchange> {
  const request = JSON.stringify(body);
  const begun = performance.now();
  const sent = { method: 'POST' as const, url: url.href, request };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: request,
      signal,
    });
    const text = await response.text();
    const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
    return {
      ...sent,
      status: response.status,
      response: text,
      ms: performance.now() - begun,
      stages: stagesOf(response.headers.get('Server-Timing') ?? ''),
      ...(Number.isNaN(retryAfter) ? {} : { retryAfter }),
    };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ...sent, response: '', ms: performance.now() - begun, stages: [] };
  }
}

/** `gather;dur=1.2, evaluate;dur=20` (W3C Server Timing). */
function stagesOf(header: string): Exchange['stages'] {
  return header.split(',').flatMap((part) => {
    const [, name, ms] = /^\s*([a-z]+);dur=([\d.]+)/.exec(part) ?? [];
    return name === undefined ? [] : [{ name, ms: Number(ms) }];
  });
}

/** The text of an OperationOutcome, else what can be said of the status. */
export function problemText({ status, response }: Exchange): string {
  if (status === undefined) return 'The service could not be reached.';
  try {
    const outcome = JSON.parse(response) as { issue?: { diagnostics?: string }[] }; // read with tolerance
    const text = outcome.issue?.[0]?.diagnostics;
    if (text !== undefined) return text;
  } catch {
    // Not from our service: a gateway in between.
  }
  return `The answer could not be read (status ${String(status)}).`;
}

/** The answer of a call that went well. */
export function answerIn({ status, response }: Exchange): unknown {
  if (status !== 200) return undefined;
  try {
    return JSON.parse(response);
  } catch {
    return undefined;
  }
}
