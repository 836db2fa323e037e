import { Marked, type RendererObject, type Token, type Tokens } from 'marked';
import type { Handout } from '../cards/handout.js';
import { ServiceError } from '../errors.js';

/** Text with structure and nothing else: no raw HTML, no picture, nothing loaded or linked. */
const ALLOWED: ReadonlySet<string> = new Set([
  ...['space', 'heading', 'paragraph', 'list', 'list_item', 'blockquote', 'table'],
  ...['text', 'strong', 'em', 'escape', 'br'],
]);

const renderer: RendererObject = {
  table({ header, rows }: Tokens.Table): string {
    const head = header.map((cell) => `<th role="columnheader" scope="col">${inline(cell)}</th>`).join('');
    const body = rows.map(
      (row) => `<tr role="row">${row.map((cell, place) => toCell(cell, header[place], place)).join('')}</tr>`,
    );
    return `<table role="table"><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${body.join('\n')}</tbody></table>\n`;
  },
  blockquote({ tokens }: Tokens.Blockquote): string {
    return `<section class="box">\n${marked.parser(tokens)}</section>\n`;
  },
};

const marked = new Marked({ renderer });

/** On narrow screens a row becomes lines, each named by its column: roles keep it a table for who cannot see it. */
function toCell(cell: Tokens.TableCell, column: Tokens.TableCell | undefined, place: number): string {
  if (place === 0) return `<th role="rowheader" scope="row">${inline(cell)}</th>`;
  return `<td role="cell" data-label="${escapeHtml(column?.text ?? '')}">${inline(cell)}</td>`;
}

function inline({ tokens }: Tokens.TableCell): string {
  return marked.Parser.parseInline(tokens);
}

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
    large,
    body: `<nav lang="en" aria-label="Handouts"><a href="./">All handouts</a> ${other}</nav>
<main>
<h1>${escapeHtml(handout.title)}</h1>
${toHtml(handout)}</main>
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
    large: false,
    body: `<main>
<h1>Patient handouts</h1>
<p>One page each, to print and to go through with the patient. They hold no patient data.</p>
<ul>
${items.join('\n')}
</ul>
</main>`,
  });
}

function toPage({ lang, title, large, body }: { lang: string; title: string; large: boolean; body: string }): string {
  return `<!doctype html>
<html lang="${lang}"${large ? ' class="large"' : ''}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="handout.css">
</head>
<body>
${body}
</body>
</html>
`;
}

function toHtml({ name, markdown }: Handout): string {
  const tokens = marked.lexer(markdown);
  const found: Token[] = [];
  void marked.walkTokens(tokens, (token) => void found.push(token));
  const strange = found.find(({ type }) => !ALLOWED.has(type));
  if (strange !== undefined) throw refused(name, `it holds more than text, lists and tables (${strange.type})`);
  refuseHeadings(name, found);
  return marked.parser(tokens);
}

/** The title is the first level, and no level is left out: people jump from heading to heading. */
function refuseHeadings(name: string, tokens: readonly Token[]): void {
  const depths = tokens.flatMap((token) => (token.type === 'heading' ? [Number(token['depth'])] : []));
  const isOutOfOrder = depths.some((depth, place) => depth < 2 || depth > (depths[place - 1] ?? 1) + 1);
  if (isOutOfOrder) throw refused(name, 'its headings begin at ## and leave out no level');
}

function refused(name: string, why: string): ServiceError {
  return new ServiceError('invalid-knowledge', `The handout ${name}.md cannot be used: ${why}.`);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
