// Floating rows: add, remove with undo, and paste from a spreadsheet into any table.

import { named } from './absent'
import type { Cells } from './cells'
import type { Checking } from './checking'
import type { Queue } from './queue'
import { parse } from './value'

const UNDO_TIME = 6_000

export function newId(): string {
  const random = crypto.getRandomValues(new Uint32Array(2))
  return [...random].map((n) => n.toString(36).padStart(7, '0')).join('').slice(0, 12)
}

/** Rows of cells as a spreadsheet puts them on the clipboard: tabs, line ends, quotes around cells that hold either. */
export function parseTable(text: string): string[][] {
  const rows: string[][] = [[]]
  const pattern = /("(?:[^"]|"")*"|[^\t\n]*)(\t|\n|$)/y
  const source = text.replace(/\r\n?/g, '\n').replace(/\n$/, '')
  while (pattern.lastIndex <= source.length) {
    const match = pattern.exec(source)
    if (!match) break
    const raw = match[1] ?? ''
    rows[rows.length - 1]?.push(raw.startsWith('"') ? raw.slice(1, -1).replace(/""/g, '"') : raw)
    if (match[2] === '') break
    if (match[2] === '\n') rows.push([])
  }
  return rows
}

export class Rows {
  private removal: { timer: number; finish: () => void } | null = null

  constructor(
    private readonly cells: Cells,
    private readonly queue: Queue,
    private readonly changed: () => void,
    private readonly offerUndo: (undo: () => void) => () => void,
    private readonly checking: Checking,
  ) {}

  add(table: HTMLElement, id = newId(), remember = true): HTMLTableRowElement | null {
    const blank = table.querySelector<HTMLTemplateElement>('[data-blank-row]')
    const body = table.querySelector('tbody')
    if (!blank || !body) return null
    const holder = document.createElement('tbody')
    holder.innerHTML = blank.innerHTML.replace(/__row__/g, id)
    const row = holder.querySelector('tr')
    if (!row) return null
    body.append(row)
    this.checking.addRow(table.dataset.table ?? '', id)
    this.propose(row)
    this.number(table)
    if (remember) {
      this.queue.addRow(table.dataset.table ?? '', id)
      this.changed()
    }
    return row
  }

  /** What the form proposes stands in a new row already; the server puts it there too, so it is not sent. */
  private propose(row: HTMLElement): void {
    for (const cell of row.querySelectorAll<HTMLElement>('[data-cell][data-state="proposed"]')) {
      this.checking.change(cell.dataset.cell ?? '', this.cells.value(cell))
    }
  }

  /** The row goes from sight at once and from the document when the time to undo is over. */
  remove(table: HTMLElement, row: HTMLTableRowElement): void {
    this.finish()
    row.hidden = true
    const withdraw = this.offerUndo(() => {
      window.clearTimeout(this.removal?.timer)
      this.removal = null
      row.hidden = false
      this.number(table)
    })
    const finish = () => {
      withdraw()
      this.queue.removeRow(table.dataset.table ?? '', row.dataset.row ?? '')
      this.checking.removeRow(table.dataset.table ?? '', row.dataset.row ?? '')
      row.remove()
      this.changed()
    }
    this.removal = { timer: window.setTimeout(() => this.finish(), UNDO_TIME), finish }
    this.number(table)
  }

  /** On a phone a row that asks nothing shows only its heading; done once, so that nothing moves while typing. */
  foldQuiet(): void {
    for (const button of document.querySelectorAll<HTMLElement>('[data-unfold]')) {
      const row = button.closest('tr')
      const quiet = row?.hasAttribute('data-quiet') ?? false
      row?.toggleAttribute('data-folded', quiet)
      button.hidden = !quiet
    }
  }

  unfold(row: HTMLElement): void {
    const folded = row.toggleAttribute('data-folded')
    row.querySelector('[data-unfold]')?.setAttribute('aria-expanded', String(!folded))
  }

  finish(): void {
    const removal = this.removal
    this.removal = null
    if (!removal) return
    window.clearTimeout(removal.timer)
    removal.finish()
  }

  paste(start: HTMLElement, text: string): { filled: number; skipped: number } | null {
    const row = start.closest<HTMLTableRowElement>('tr[data-row]')
    const table = start.closest<HTMLElement>('[data-table]')
    const block = parseTable(text)
    if (!row || !table || (block.length === 1 && (block[0]?.length ?? 0) <= 1)) return null
    const column = [...row.cells].indexOf(start as HTMLTableCellElement)
    let filled = 0
    let skipped = 0
    let current: HTMLTableRowElement | null = row
    for (const line of block) {
      current ??= this.add(table)
      for (const [offset, value] of line.entries()) {
        if (this.pasteInto(current?.cells[column + offset], value)) filled += 1
        else if (value.trim() !== '') skipped += 1
      }
      current = (current?.nextElementSibling as HTMLTableRowElement | null) ?? null
    }
    this.changed()
    return { filled, skipped }
  }

  private pasteInto(target: HTMLElement | undefined, text: string): boolean {
    const path = target?.dataset.cell
    if (!target || !path || !this.cells.controls(target).length) return false
    if (!this.cells.put(target, named(target, text) ?? parse(target.dataset.type ?? 'text', text))) return false
    this.queue.change(path, this.cells.value(target))
    this.checking.change(path, this.cells.value(target))
    this.cells.touched(target)
    return true
  }

  private number(table: HTMLElement): void {
    const rows = [...table.querySelectorAll<HTMLElement>('tbody tr:not([hidden])')]
    rows.forEach((row, index) => {
      const place = row.querySelector('[data-row-number]')
      if (place) place.textContent = String(index + 1)
    })
    const empty = table.querySelector<HTMLElement>('[data-empty]')
    if (empty) empty.hidden = rows.length > 0
  }
}
