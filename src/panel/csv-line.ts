/** One line of a CSV file (RFC 4180), which no spreadsheet takes for a formula: what stands in cells comes from outside. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(text: string): string {
  // Spreadsheets skip blanks before a formula, and some take the wide forms for the signs.
  const safe = /^\s*[=+\-@＝＋－＠]|^[\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
