/** Enough for a drug name. */
const NAME_LENGTH = 80;

/** A sentence of the knowledge, with names of the record in it. */
export const LONGEST_SENTENCE = 400;

/** Control, formatting (zero-width, bidi), unpaired surrogate and otherwise invisible characters. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const whiteSpace = /[\t-\r\u0085\p{Zs}\p{Zl}\p{Zp}]+/gu;

/**
 * Text of a record as one line of plain text: no invisible characters, white space folded to single spaces, addresses
 * broken and no tag begun (some clients show summaries and labels as HTML), at most 80 characters unless told otherwise
 * (a longer one ends in '…').
 */
export function plainText(text: string, longest = NAME_LENGTH): string {
  const line = breakAddresses(oneLine(text));
  return shorten(line.includes('<') ? line.replace(/<(?=[a-z/!?])/gi, '‹') : line, longest);
}

/**
 * Text of a record as GitHub-flavoured Markdown that shows it and does nothing else, wherever in a line it stands.
 *
 * Some clients render with raw HTML allowed and nothing sanitised, and some link addresses after the escapes are gone.
 * So `<`, `>` and `&` become entities, punctuation of the syntax is escaped by a backslash, and an address is broken by
 * a space (`https: // host`, `www .host`, `name@ host`). At most 80 characters are shown unless told otherwise.
 * One thing only the template can prevent: a number alone at the start of a line, followed by '. ' or ') ' of the template.
 */
export function escapeMarkdown(text: string, longest = NAME_LENGTH): string {
  return escapeLineStart(escapePunctuation(shorten(breakAddresses(oneLine(text)), longest)));
}

function oneLine(text: string): string {
  // Printable ASCII holds nothing that the classes below could find, and they are slow to look.
  if (/^[ -~]*$/.test(text)) return (text.includes('  ') ? text.replace(/ {2,}/g, ' ') : text).trim();
  return text.replace(whiteSpace, ' ').replace(invisible, '').replace(/ +/g, ' ').trim();
}

function shorten(line: string, longest: number): string {
  if (line.length <= longest) return line;
  const cut = line.slice(0, longest - 1).replace(/\p{Cs}$/u, ''); // half a surrogate pair
  return `${cut.trimEnd()}…`;
}

/** Cheap to test: true of everything that the replacements below change, and of some more. */
const address = /:\S|\/\/|@|www\.|script:/i;

/** By a visible space: GFM links addresses in the text that is left when escapes and entities are resolved. */
function breakAddresses(line: string): string {
  if (!address.test(line)) return line;
  return line
    .replace(/\/\/(?=\S)/g, '// ')
    .replace(/:(?=\/\/)/g, ': ')
    .replace(/www(?=\.)/gi, '$& ')
    .replace(/@(?=\S)/g, '@ ')
    .replace(/\b(javascript|vbscript|(?:data|file|mailto|xmpp|tel)(?=:\S)):/gi, '$1 :');
}

function escapePunctuation(line: string): string {
  if (!/[\\`*_[\]~|#!$&<>]/.test(line)) return line;
  return line
    .replace(/[\\`*_[\]~|#!$]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}

/** What is syntax at the start of a line only: list markers, underlines of headings, rows under a table's head. */
function escapeLineStart(line: string): string {
  if (!/^[-+=:\d]/.test(line)) return line;
  return line.replace(/^[-+=:]/, '\\$&').replace(/^(\d+)([.)])(?= |$)/, '$1\\$2');
}
