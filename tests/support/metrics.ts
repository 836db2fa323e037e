/** One series of the text format of Prometheus. */
export interface Series {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Reads the metrics at this address. */
export async function scraped(metricsUrl: string | undefined): Promise<Series[]> {
  const response = await fetch(`${metricsUrl ?? ''}/metrics`);
  return seriesIn(await response.text());
}

/** Throws at a line that is neither a comment nor a series. */
export function seriesIn(text: string): Series[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [, name = '', labels = '', value] = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
    if (value === undefined) throw new Error(`This is no series: ${line}`);
    const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gi)].map(([, key = '', text = '']) => [key, text]);
    return { name, labels: Object.fromEntries(pairs), value: Number(value) };
  });
}

/** The value of the one series of this name with these labels. */
export function valueOf(series: readonly Series[], name: string, labels: Record<string, string> = {}): number {
  const found = series.filter((each) => each.name === name && sameLabels(each.labels, labels));
  if (found.length !== 1) throw new Error(`There are ${found.length} series ${name} ${JSON.stringify(labels)}.`);
  return found[0]!.value;
}

function sameLabels(some: Record<string, string>, others: Record<string, string>): boolean {
  const text = (labels: Record<string, string>) => JSON.stringify(Object.entries(labels).sort());
  return text(some) === text(others);
}
