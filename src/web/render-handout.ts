import type { Handout } from '../cards/handout.js';
import { escapeHtml, toHtml, toPage } from './render-page.js';

const STYLESHEET = 'handout.css';

export interface PageStyle {
  /** 18 pt in print. */
  large: boolean;
}

/**
 * A handout as a page of its own.
 *
 * @throws ServiceError `invalid-knowledge` when the text holds more than headings, paragraphs, lists, boxes and tables
 */
export function renderHandout(handout: Handout, { large }: PageStyle): string {
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
${toHtml(`The handout ${handout.name}.md`, handout.markdown)}</main>
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
