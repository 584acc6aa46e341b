import { columnsOf } from './columns.ts'

/** Columns, two blanks apart, as wide as their widest cell; the last one is not padded. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, columnsOf(cell))
  }
  const pad = (cell: string, column: number, row: readonly string[]) =>
    column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - columnsOf(cell))
  return rows.map((row) => `${row.map(pad).join('  ')}\n`).join('')
}
