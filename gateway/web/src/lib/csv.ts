// Rows as a file that spreadsheets read. Pure.

/** Such a cell would be run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** With the mark by which spreadsheets know that it is UTF-8. */
export function csv(heads: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return '\ufeff' + [heads, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}
