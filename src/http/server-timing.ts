/** Collects the times of the stages of one answer, for the header Server-Timing (W3C): names and milliseconds only. */
export function serverTiming(startedAt: number): {
  noteStage: (stage: string, ms?: number) => void;
  header: () => string;
} {
  const stages = new Map<string, number>();
  let since = startedAt;
  const noteStage = (stage: string, ms?: number): void => {
    const now = performance.now();
    stages.set(stage, ms ?? now - since);
    since = now;
  };
  const header = (): string => {
    if (!stages.has('render')) noteStage('render');
    const each = [...stages].map(([stage, ms]) => `${stage};dur=${ms.toFixed(1)}`);
    return [...each, `total;dur=${(performance.now() - startedAt).toFixed(1)}`].join(', ');
  };
  return { noteStage, header };
}
