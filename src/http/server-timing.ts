import type { HookStage } from './call-record.js';

export interface StageTimes {
  /** `ms`: where it was measured elsewhere, else the time since the stage before. */
  noteStage: (stage: HookStage, ms?: number) => void;
  /** For the header Server-Timing (W3C): names and milliseconds only. */
  header: () => string;
  /** Tells the time of each stage; what is left after the last one is `render`. */
  report: (onStage: (stage: HookStage, ms: number) => void) => void;
}

/** Collects the times of the stages of one answer. */
export function serverTiming(startedAt: number): StageTimes {
  const stages = new Map<HookStage, number>();
  let since = startedAt;
  const noteStage = (stage: HookStage, ms?: number): void => {
    const now = performance.now();
    stages.set(stage, ms ?? now - since);
    since = now;
  };
  const noteRest = (): void => {
    if (!stages.has('render')) noteStage('render');
  };
  return {
    noteStage,
    header: () => {
      noteRest();
      const each = [...stages].map(([stage, ms]) => `${stage};dur=${ms.toFixed(1)}`);
      return [...each, `total;dur=${(performance.now() - startedAt).toFixed(1)}`].join(', ');
    },
    report: (onStage) => {
      noteRest();
      for (const [stage, ms] of stages) onStage(stage, ms);
    },
  };
}
