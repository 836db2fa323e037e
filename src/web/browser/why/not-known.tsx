import type { Explained } from '../service/explained.js';

/** What is missing, stale, left out or to be known. */
export function NotKnown({ explained }: { explained: Explained }) {
  const { findings, gaps, failed } = explained;
  const relevant = findings.filter(({ shown, kind }) => shown || kind === 'insufficient');
  const sections: [string, string[]][] = [
    ['', unique(relevant.flatMap(({ missing }) => missing))],
    ['Left out', unique(relevant.flatMap(({ ignored }) => ignored))],
    ['To be known', unique(relevant.flatMap(({ notes }) => notes))],
    ['Not checked', [...gaps, ...failed.map((library) => `A check could not be run: ${library}`)]],
  ];
  const filled = sections.filter(([, lines]) => lines.length > 0);
  if (filled.length === 0) return null;
  return (
    <section class="panel not-known" aria-labelledby="not-known-heading">
      <h3 id="not-known-heading">Not known</h3>
      {filled.map(([heading, lines]) => (
        <>
          {heading !== '' && <h4>{heading}</h4>}
          <ul>
            {lines.map((line) => (
              <li>{capitalised(line)}</li>
            ))}
          </ul>
        </>
      ))}
    </section>
  );
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
