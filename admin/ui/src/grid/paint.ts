// Draws the part of a sheet that can be seen. Row elements are kept and given to other rows as the window moves.

import { element } from '../fill/cells'
import type { Geometry, Selection, Span } from './geometry'
import { levels } from './head'
import type { Sheet } from './sheet'

interface Drawn {
  element: HTMLElement
  stub: HTMLElement
  above: HTMLElement[]
  code: HTMLElement
  title: HTMLElement
  cells: Cell[]
}

interface Cell {
  element: HTMLElement
  /** What it shows: a cell that shows it already is left alone, as writing the same text lays out its row again. */
  shows: string
}

const NUMERIC: ReadonlySet<string> = new Set(['integer', 'number', 'computed'])

export class Painter {
  private readonly drawn = new Map<number, Drawn>()
  private spare: Drawn[] = []
  private columns: Span = { first: 0, end: 0 }
  private readonly levels: number[]

  constructor(
    private readonly body: HTMLElement,
    private readonly sheet: Sheet,
    private readonly geometry: Geometry,
    private readonly id: string,
  ) {
    this.levels = levels(sheet.data.rows)
  }

  cellId(row: number, column: number): string {
    return `${this.id}-${row}-${column}`
  }

  /** What is seen now; with `fresh` every cell is drawn again. */
  draw(rows: Span, columns: Span, selection: Selection, fresh: boolean): void {
    const moved = columns.first !== this.columns.first || columns.end !== this.columns.end
    this.columns = columns
    for (const [row, one] of this.drawn) {
      if (row >= rows.first && row < rows.end) continue
      this.drawn.delete(row)
      this.spare.push(one)
    }
    for (let row = rows.first; row < rows.end; row += 1) {
      const there = this.drawn.get(row)
      if (there && !moved && !fresh) continue
      const one = there ?? this.taken()
      this.drawn.set(row, one)
      this.row(one, row, selection)
    }
    for (const one of this.spare) one.element.hidden = true
  }

  /** Only where the selection was or is. */
  select(before: Selection, after: Selection): void {
    for (const [row, one] of this.drawn) {
      const near = (row >= before.top && row <= before.bottom) || (row >= after.top && row <= after.bottom)
      if (!near) continue
      one.cells.forEach(({ element: cell }, index) => {
        const column = this.columns.first + index
        if (before.has(row, column) || after.has(row, column)) this.mark(cell, row, column, after)
      })
    }
  }

  private taken(): Drawn {
    const found = this.spare.pop()
    if (found) {
      found.element.hidden = false
      return found
    }
    const line = element('div', 'sheet-row')
    line.setAttribute('role', 'row')
    const stub = element('div', 'sheet-stub')
    stub.setAttribute('role', 'rowheader')
    stub.setAttribute('aria-colindex', '1')
    const above = this.levels.map((width) => {
      const level = element('span', 'sheet-above')
      level.style.width = `${width}em`
      return level
    })
    const code = element('span', 'row-code num')
    const title = element('span', 'sheet-title')
    stub.append(...above, code, title)
    line.append(stub)
    this.body.append(line)
    return { element: line, stub, above, code, title, cells: [] }
  }

  private row(one: Drawn, row: number, selection: Selection): void {
    const data = this.sheet.rows[row]
    if (!data) return
    one.element.style.transform = `translateY(${row * this.geometry.rowHeight}px)`
    one.element.setAttribute('aria-rowindex', String(row + 1 + this.sheet.data.head.length))
    one.element.classList.toggle('total', data.total)
    const code = this.sheet.data.floating ? String(row + 1) : data.code
    if (one.code.textContent !== code) one.code.textContent = code
    if (one.title.textContent !== data.title) one.title.textContent = data.title
    this.above(one, row)
    ;(this.levels.length ? one.title : one.stub).style.paddingLeft = data.indent ? `${0.5 + data.indent}rem` : ''
    const wanted = this.columns.end - this.columns.first
    while (one.cells.length < wanted) {
      const cell = element('div', 'sheet-cell')
      cell.setAttribute('role', 'gridcell')
      one.cells.push({ element: cell, shows: '' })
      one.element.append(cell)
    }
    while (one.cells.length > wanted) one.cells.pop()?.element.remove()
    one.cells.forEach((cell, index) => this.cell(cell, row, this.columns.first + index, selection))
  }

  /** Headings stand out where their group begins and are faint below, so that a row never loses them in scrolling. */
  private above(one: Drawn, row: number): void {
    const own = this.sheet.rows[row]?.above ?? []
    const before = this.sheet.rows[row - 1]?.above ?? []
    let same = true
    one.above.forEach((level, at) => {
      const text = own[at] ?? ''
      same = same && before[at] === text
      if (level.textContent !== text) level.textContent = text
      level.classList.toggle('again', same)
    })
  }

  private cell(one: Cell, row: number, column: number, selection: Selection): void {
    const type = this.sheet.columns[column]
    if (!type) return
    const cell = one.element
    const closed = this.sheet.closed(row, column)
    const text = closed ? '—' : this.sheet.text(row, column)
    const problems = closed ? [] : this.sheet.problemsAt(this.sheet.path(row, column))
    const wrong = problems.some((each) => each.severity === 'error')
    const classes = ['sheet-cell', NUMERIC.has(type.type) ? 'number' : '', closed ? 'closed' : `is-${this.sheet.state(row, column)}`]
    if (problems.length) classes.push(wrong ? 'has-error' : 'has-problem')
    const locked = !closed && !this.sheet.editable(row, column)
    const shows = `${row},${column} ${locked} ${wrong} ${classes.join(' ')} ${text}`
    if (one.shows !== shows) {
      one.shows = shows
      cell.id = this.cellId(row, column)
      cell.style.left = `${this.geometry.lefts[column] ?? 0}px`
      cell.style.width = `${this.geometry.widths[column] ?? 0}px`
      cell.setAttribute('aria-colindex', String(column + 2))
      cell.dataset.at = `${row},${column}`
      cell.textContent = text
      cell.className = classes.filter(Boolean).join(' ')
      flag(cell, 'aria-readonly', locked)
      flag(cell, 'aria-invalid', wrong)
    }
    this.mark(cell, row, column, selection)
  }

  private mark(cell: HTMLElement, row: number, column: number, selection: Selection): void {
    const inside = selection.has(row, column)
    cell.classList.toggle('selected', inside && !selection.single)
    cell.classList.toggle('active', row === selection.row && column === selection.column)
    cell.setAttribute('aria-selected', String(inside))
  }
}

function flag(cell: HTMLElement, name: string, on: boolean): void {
  if (on) cell.setAttribute(name, 'true')
  else cell.removeAttribute(name)
}

/** Tells a reader of the screen which cell is meant, as long as it is drawn. */
export function point(input: HTMLElement, body: HTMLElement, selection: Selection): void {
  const cell = body.querySelector(`[data-at="${selection.row},${selection.column}"]`)
  if (cell) input.setAttribute('aria-activedescendant', cell.id)
  else input.removeAttribute('aria-activedescendant')
}
