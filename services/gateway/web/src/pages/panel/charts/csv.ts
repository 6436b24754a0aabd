/** A table as CSV that any spreadsheet opens right: RFC 4180, with the mark that tells Excel it is UTF-8. */

export type Cell = string | number | null | undefined;

export interface Table {
  head: string[];
  rows: Cell[][];
}

/** A spreadsheet runs a text that begins like a formula; a quote before it keeps it a text. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv({ head, rows }: Table): string {
  return '\ufeff' + [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('');
}
