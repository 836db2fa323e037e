export interface Verdict {
  id: string;
  hazard: string;
  passed: number;
  complaints: string[];
}

export function judged(
  hazards: readonly { id: string; hazard: string; tests: readonly { file: string; title: string }[] }[],
  files: readonly { name: string; assertionResults: readonly { title: string; status: string }[] }[],
): Verdict[];
