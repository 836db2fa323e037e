/** Collects the times of the stages of one answer, for the header Server-Timing (W3C): names and milliseconds only. */
export function serverTiming(startedAt: number): { noteStage: (stage: string) => void; header: () => string } {
  const stages: string[] = [];
  let since = startedAt;
  const noteStage = (stage: string): void => {
    const now = performance.now();
    stages.push(`${stage};dur=${(now - since).toFixed(1)}`);
    since = now;
  };
  const header = (): string => {
    noteStage('render');
    return [...stages, `total;dur=${(performance.now() - startedAt).toFixed(1)}`].join(', ');
  };
  return { noteStage, header };
}
