import type { Handout } from '../cards/handout.js';
import { escapeHtml, toHtml, toPage } from './render-page.js';

const STYLESHEET = 'handout.css';

/** A page of its own, and one that is printed in 18 pt. */
interface RenderedHandout {
  normal: string;
  large: string;
}

/**
 * A handout as pages.
 *
 * @throws ServiceError `invalid-knowledge` when the text holds more than headings, paragraphs, lists, boxes and tables
 */
export function renderHandout(handout: Handout): RenderedHandout {
  const text = toHtml(`The handout ${handout.name}.md`, handout.markdown);
  return { normal: pageOf(handout, text, { large: false }), large: pageOf(handout, text, { large: true }) };
}

function pageOf(handout: Handout, text: string, { large }: { large: boolean }): string {
  const other = large ? `<a href="${handout.name}">Normal print</a>` : '<a href="?print=large">Large print</a>';
  const blanks = handout.blanks.map((blank) => `<p class="blank"><span>${escapeHtml(blank)}:</span></p>`);
  return toPage({
    lang: handout.lang,
    title: handout.title,
    stylesheet: STYLESHEET,
    large,
    body: `<nav lang="en" aria-label="Handouts"><a href="./">All handouts</a> ${other}</nav>
<main>
<h1>${escapeHtml(handout.title)}</h1>
${text}</main>
<footer>
${[...blanks, `<p>${escapeHtml(handout.foot)}</p>`].join('\n')}
</footer>`,
  });
}

/** The list of all handouts, for the care team. */
export function renderHandoutList(handouts: readonly Handout[]): string {
  const items = handouts.map(
    ({ name, lang, title, summary }) =>
      `<li lang="${lang}"><a href="${name}">${escapeHtml(title)}</a><br>${escapeHtml(summary)}</li>`,
  );
  return toPage({
    lang: 'en',
    title: 'Patient handouts',
    stylesheet: STYLESHEET,
    body: `<main>
<h1>Patient handouts</h1>
<p>One page each, to print and to go through with the patient. They hold no patient data.</p>
<ul>
${items.join('\n')}
</ul>
</main>`,
  });
}
