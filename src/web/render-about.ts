import type { Handout } from '../cards/handout.js';
import { escapeHtml, toHtml, toPage } from './render-page.js';

/**
 * The page that says what the knowledge rests on; it stands at the root, beside what it links to.
 *
 * @throws ServiceError `invalid-knowledge` when the text holds more than headings, paragraphs, lists, boxes and tables
 */
export function renderAbout(page: Handout, versions: { version: string; knowledgeVersion: string }): string {
  return toPage({
    lang: page.lang,
    title: page.title,
    stylesheet: 'handouts/handout.css',
    body: `<nav lang="en" aria-label="Pages"><a href="./">Services</a> <a href="handouts/">Patient handouts</a></nav>
<main>
<h1>${escapeHtml(page.title)}</h1>
<p>Knowledge ${escapeHtml(versions.knowledgeVersion)}. Service ${escapeHtml(versions.version)}. ${escapeHtml(page.summary)}</p>
${toHtml(`The page ${page.name}.md`, page.markdown)}</main>
<footer>
<p>${escapeHtml(page.foot)}</p>
</footer>`,
  });
}
