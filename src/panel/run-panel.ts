import { afterFirst } from './panel-input.js';
import { Progress, type ProgressStream, type Standing } from './progress.js';
import { inOrder } from './thread-pool.js';
import type { Judged, PanelInput, Weighed, Work } from './work.js';

export interface RunPanelParts {
  judge: (work: Work) => Promise<Judged>;
  /** Parts that are taken at once: what is held in memory. */
  atOnce: number;
  /** What was kept before, when the run is taken up again. */
  done: { parts: number; patients: number; bad: number };
  /** Keeps the rows of one part; they come in the order of the input. */
  keep: (judged: Judged) => Promise<void>;
  progress: ProgressStream;
}

/** Judges what is not judged yet, part by part, and keeps it in the order of the input. */
export async function runPanel(input: PanelInput, parts: RunPanelParts): Promise<Standing> {
  let weight = 0;
  const share = () => (input.total === undefined || input.total === 0 ? undefined : Math.min(1, weight / input.total));
  const standing: Standing = { patients: parts.done.patients, bad: parts.done.bad, share: undefined };
  const clock = performance.now.bind(performance);
  const at = clock();
  let progress: Progress | undefined;
  const left = afterFirst(input.parts, parts.done.parts, (part) => {
    weight += part.weight;
  });
  const judge = async (part: Weighed) => ({ judged: await parts.judge(part.work), weight: part.weight });
  for await (const { judged, weight: more } of inOrder(left, judge, parts.atOnce)) {
    progress ??= new Progress(parts.progress, clock, { ...standing, share: share() ?? 0, at });
    await parts.keep(judged);
    weight += more;
    standing.patients += judged.patients;
    standing.bad += judged.bad;
    standing.share = share();
    progress.tell(standing);
  }
  progress?.end(standing);
  return standing;
}
