/** The one stylesheet of the handouts: black on white, no information in colour, one sheet of A4 or Letter in print. */
export const HANDOUT_STYLE = `
* { box-sizing: border-box; }
html { color: #000; background: #fff; font: 1.125rem/1.4 Arial, Helvetica, 'Liberation Sans', sans-serif; }
html.large { font-size: 1.5rem; }
body { max-width: 46rem; margin: 0 auto; padding: 1rem; overflow-wrap: break-word; }
h1 { margin: 0 0 0.5rem; font-size: 1.7em; line-height: 1.2; }
h2 { margin: 0.9em 0 0.3em; font-size: 1.2em; line-height: 1.2; }
h3 { margin: 0.8em 0 0.3em; font-size: 1em; }
p, ul, ol { margin: 0 0 0.5em; }
ul, ol { padding-left: 1.4em; }
nav a { display: inline-block; padding: 0.3rem 0.6rem 0.3rem 0; }
a { color: #00408a; }
a:focus-visible { outline: 3px solid #00408a; outline-offset: 2px; }
.box { margin: 0.9em 0; padding: 0.5em 0.8em; border: 3px solid #000; }
.box h2 { margin-top: 0; }
.box > :last-child { margin-bottom: 0; }
table { width: 100%; margin-bottom: 0.5em; border-collapse: collapse; font-size: 0.9em; line-height: 1.25; }
th, td { padding: 0.15em 0.4em; border: 1px solid #555; text-align: left; vertical-align: top; }
tbody th { font-weight: normal; }
td:not(:last-child) { white-space: nowrap; }
footer { margin-top: 1em; font-size: 0.8em; }
.blank { display: flex; align-items: flex-end; margin: 0.7em 0; font-size: 1.25em; }
.blank::after { content: ''; flex: 1; margin-left: 0.5em; border-bottom: 1px solid #000; }
@media screen and (max-width: 40rem) {
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  th, td { border: 0; padding: 0.1em 0; }
  tbody th { font-weight: bold; }
  tr { padding: 0.4em 0; border-bottom: 1px solid #555; }
  td:empty { display: none; }
  td:not(:last-child) { white-space: normal; }
  td::before { content: attr(data-label) ': '; }
}
@page { size: auto; margin: 10mm 13mm 9mm; @bottom-right { content: counter(page) ' / ' counter(pages); font: 9pt sans-serif; } }
@media print {
  html { font-size: 13.5pt; line-height: 1.25; }
  html.large { font-size: 18pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { margin-top: 0.7em; }
  .box { margin: 0.6em 0; padding: 0.3em 0.7em; }
  table { font-size: 0.82em; line-height: 1.2; }
  th, td { padding: 0.1em 0.35em; }
  footer { margin-top: 0.6em; }
  .blank { margin: 0.6em 0 0.4em; }
  h2 { break-after: avoid; }
  li, tr, .box, .blank { break-inside: avoid; }
  thead { display: table-header-group; }
}
`.trimStart();
