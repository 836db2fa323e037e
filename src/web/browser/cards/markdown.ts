import DOMPurify from 'dompurify';
import { Marked } from 'marked';

const TAGS = [
  'p',
  'ul',
  'ol',
  'li',
  'strong',
  'em',
  'code',
  'br',
  'h3',
  'h4',
  'a',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
];

/** Raw HTML and pictures become text, headings fit below the card's own. */
const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ text }) => escaped(text),
    heading({ tokens, depth }) {
      const level = depth <= 3 ? 'h3' : 'h4';
      return `<${level}>${this.parser.parseInline(tokens)}</${level}>`;
    },
  },
});

/** The detail of a card as HTML that holds nothing but text with structure; http(s) links alone. */
export function toSafeHtml(markdown: string): string | object {
  return DOMPurify.sanitize(marked.parse(markdown, { async: false }), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href'],
    ALLOWED_URI_REGEXP: /^https?:/i,
    RETURN_TRUSTED_TYPE: true,
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
