import { columnsOf } from './columns.ts'

/** Columns, two blanks apart, as wide as their widest cell; the last one is not padded. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  const sizes = rows.map((row) => row.map(columnsOf))
  for (const row of sizes)
    for (const [column, size] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, size)
  return rows.map((row, index) => `${padded(row, sizes[index] as number[], widths)}\n`).join('')
}

function padded(row: readonly string[], sizes: readonly number[], widths: readonly number[]): string {
  const last = row.length - 1
  return row
    .map((cell, column) =>
      column === last ? cell : cell + ' '.repeat((widths[column] as number) - (sizes[column] as number)),
    )
    .join('  ')
}
