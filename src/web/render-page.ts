import { Marked, type RendererObject, type Token, type Tokens } from 'marked';
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

export interface Page {
  lang: string;
  title: string;
  /** Address of the stylesheet, relative to the page's. */
  stylesheet: string;
  large?: boolean;
  body: string;
}

/** A whole HTML document around `body`, which is HTML already. */
export function toPage({ lang, title, stylesheet, large = false, body }: Page): string {
  return `<!doctype html>
<html lang="${lang}"${large ? ' class="large"' : ''}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
${body}
</body>
</html>
`;
}

/**
 * The text of one of our own pages as HTML.
 *
 * @param file named in the error
 * @throws ServiceError `invalid-knowledge` when the text holds more than headings, paragraphs, lists, boxes and tables
 */
export function toHtml(file: string, markdown: string): string {
  const tokens = marked.lexer(markdown);
  const found: Token[] = [];
  void marked.walkTokens(tokens, (token) => void found.push(token));
  const strange = found.find(({ type }) => !ALLOWED.has(type));
  if (strange !== undefined) throw refused(file, `it holds more than text, lists and tables (${strange.type})`);
  refuseHeadings(file, found);
  return marked.parser(tokens);
}

/** The title is the first level, and no level is left out: people jump from heading to heading. */
function refuseHeadings(file: string, tokens: readonly Token[]): void {
  const depths = tokens.flatMap((token) => (token.type === 'heading' ? [Number(token['depth'])] : []));
  const isOutOfOrder = depths.some((depth, place) => depth < 2 || depth > (depths[place - 1] ?? 1) + 1);
  if (isOutOfOrder) throw refused(file, 'its headings begin at ## and leave out no level');
}

function refused(file: string, why: string): ServiceError {
  return new ServiceError('invalid-knowledge', `${file} cannot be used: ${why}.`);
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
