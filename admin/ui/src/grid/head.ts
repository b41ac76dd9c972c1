// The merged headings above a sheet, each where its columns are; and widths that fit what stands under them.

import { element } from '../fill/cells'
import type { GridData, RowData } from './data'
import type { Geometry } from './geometry'
import type { Sheet } from './sheet'

const SAMPLE = 60

/** Rough width of a text: Chinese characters are one em, others about half. */
function ems(text: string): number {
  let width = 0
  for (const character of text) width += character > '\u2e7f' ? 1 : 0.56
  return width
}

export function widths(sheet: Sheet, em: number): number[] {
  return sheet.columns.map((column, at) => {
    let widest = Math.min(ems(column.heading), 8)
    for (let row = 0; row < Math.min(sheet.rows.length, SAMPLE); row += 1) widest = Math.max(widest, ems(sheet.text(row, at)))
    for (const option of column.options.slice(0, SAMPLE)) widest = Math.max(widest, Math.min(ems(option.label), 10))
    return Math.round(Math.min(Math.max(widest + 1.4, 4.2), column.wide ? 18 : 14) * em)
  })
}

/** Widths of the levels of headings before the rows; none where rows have only their own names. */
export function levels(rows: readonly RowData[]): number[] {
  const found: number[] = []
  for (const row of rows) row.above.forEach((text, level) => (found[level] = Math.min(Math.max(found[level] ?? 3, ems(text) + 1), 9)))
  return found
}

export function stubEms(rows: readonly RowData[]): number {
  const own = Math.min(18, Math.max(9, ...rows.map((row) => row.title.length + row.indent + 3)))
  return levels(rows).reduce((sum, one) => sum + one, own)
}

export function drawHead(head: HTMLElement, data: GridData, geometry: Geometry, lineHeight: number): void {
  const corner = element('div', 'sheet-corner', data.stub)
  corner.setAttribute('role', 'columnheader')
  corner.setAttribute('aria-rowspan', String(data.head.length))
  corner.style.width = `${geometry.stubWidth}px`
  corner.style.height = `${geometry.headHeight}px`
  const taken = data.head.map(() => new Set<number>())
  data.head.forEach((line, depth) => {
    const row = element('div', 'sheet-head-row')
    row.setAttribute('role', 'row')
    row.setAttribute('aria-rowindex', String(depth + 1))
    if (depth === 0) row.append(corner)
    let column = 0
    for (const cell of line) {
      while (taken[depth]?.has(column)) column += 1
      row.append(headCell(cell, column, depth, geometry, lineHeight))
      for (let down = 0; down < cell.rowspan; down += 1) {
        for (let right = 0; right < cell.colspan; right += 1) taken[depth + down]?.add(column + right)
      }
      column += cell.colspan
    }
    head.append(row)
  })
}

function headCell(cell: GridData['head'][number][number], column: number, depth: number, geometry: Geometry, lineHeight: number): HTMLElement {
  const made = element('div', 'sheet-head-cell')
  made.setAttribute('role', 'columnheader')
  made.setAttribute('aria-colindex', String(column + 2))
  if (cell.colspan > 1) made.setAttribute('aria-colspan', String(cell.colspan))
  if (cell.rowspan > 1) made.setAttribute('aria-rowspan', String(cell.rowspan))
  const width = geometry.widths.slice(column, column + cell.colspan).reduce((sum, one) => sum + one, 0)
  made.style.left = `${geometry.lefts[column] ?? 0}px`
  made.style.top = `${depth * lineHeight}px`
  made.style.width = `${width}px`
  made.style.height = `${cell.rowspan * lineHeight}px`
  const text = element('span', 'sheet-head-text', cell.text)
  text.title = cell.text
  if (cell.colspan > 1) text.style.left = `${geometry.stubWidth + 8}px`
  made.append(text)
  return made
}
