// A table as a sheet: window, selection, keyboard, clipboard. What the cells hold and may hold is sheet.ts's affair.

import { element, type Problem, type Text } from '../fill/cells'
import { CellBar } from './bar'
import { Blocks, type Holder } from './blocks'
import { Cards, PHONE } from './cards'
import { Editor } from './editor'
import { Geometry, Selection } from './geometry'
import { Picking } from './picking'
import { drawHead, stubEms, widths } from './head'
import { command, type Command } from './keys'
import { Painter, point } from './paint'
import type { Sheet } from './sheet'
import { typedText } from './text'

const LEAST_LINES = 6

export class Grid implements Holder {
  selection = new Selection(0, 0)
  private readonly scroller: HTMLElement
  private readonly body: HTMLElement
  private readonly head: HTMLElement
  private readonly space: HTMLElement
  private readonly grid: HTMLElement
  private readonly status: HTMLElement
  private geometry: Geometry
  private painter: Painter
  private readonly editor: Editor
  private readonly bar: CellBar
  private readonly cards: Cards
  private readonly picking: Picking
  private readonly blocks: Blocks
  /** Names that could not be told: it stays until the next cell is typed into or pasted. */
  private readonly untold = element('p', 'caution sheet-untold')
  private frame = 0
  private dragging = false

  constructor(
    private readonly holder: HTMLElement,
    readonly sheet: Sheet,
    private readonly t: Text,
    private readonly say: (text: string) => void,
    documentId: string,
  ) {
    const id = `sheet${sheet.data.path.replace(/\W/g, '-')}`
    this.scroller = element('div', 'sheet')
    this.space = element('div', 'sheet-space')
    this.grid = element('div', 'sheet-grid')
    this.grid.setAttribute('role', 'grid')
    this.grid.setAttribute('aria-label', sheet.data.title)
    this.grid.setAttribute('aria-multiselectable', 'true')
    this.grid.id = id
    this.head = element('div', 'sheet-head')
    this.head.setAttribute('role', 'rowgroup')
    this.body = element('div', 'sheet-body')
    this.body.setAttribute('role', 'rowgroup')
    this.grid.append(this.head, this.body)
    this.space.append(this.grid)
    this.scroller.append(this.space)
    this.status = element('p', 'hide-visually')
    this.status.setAttribute('aria-live', 'polite')
    this.bar = new CellBar(sheet, t, documentId, () => this.selection, () => this.confirm(), (text) => this.typed(text))
    this.cards = new Cards(sheet, t, () => this.refresh())
    this.untold.setAttribute('role', 'status')
    this.untold.hidden = true
    holder.append(this.bar.element, this.untold, this.scroller, this.cards.element, this.status)
    this.editor = new Editor(this.space, () => this.started(), (text) => this.typed(text), () => this.left())
    const tell = (text: string) => { this.status.textContent = text }
    this.picking = new Picking(holder, this.editor.input, id, documentId, sheet, t, say, tell, () => this.editor.leave(), () => this.refresh())
    this.blocks = new Blocks(sheet, this.picking, this, t, say)
    this.geometry = this.measured()
    this.painter = new Painter(this.body, sheet, this.geometry, id)
    drawHead(this.head, sheet.data, this.geometry, this.geometry.headHeight / sheet.data.head.length)
    this.listen()
  }

  /** Draws again what may have changed. */
  refresh(): void {
    this.grid.setAttribute('aria-rowcount', String(this.sheet.rows.length + this.sheet.data.head.length))
    this.grid.setAttribute('aria-colcount', String(this.sheet.columns.length + 1))
    const last = Math.max(0, this.sheet.rows.length - 1)
    if (this.selection.row > last || this.selection.toRow > last) this.selection = new Selection(Math.min(this.selection.row, last), this.selection.column)
    this.body.style.height = `${this.sheet.rows.length * this.geometry.rowHeight}px`
    this.holder.classList.toggle('is-empty', this.sheet.rows.length === 0)
    this.draw(true)
    this.place()
    this.bar.show()
    this.cards.refresh()
  }

  setProblems(problems: Problem[]): void {
    this.sheet.setProblems(problems)
    this.refresh()
  }

  /** Shows and selects a cell; false when it is none of this table's. */
  goTo(path: string): boolean {
    const found = this.sheet.at(path)
    if (!found) return false
    if (this.cards.showing) this.cards.open(found.row, path)
    else {
      this.select(new Selection(found.row, found.column))
      this.holder.scrollIntoView({ block: 'center' })
      this.editor.focus()
    }
    return true
  }

  /** The next cell after the selected one that asks for something. */
  nextAsking(): boolean {
    const { rows, columns } = this.sheet
    const start = this.selection.row * columns.length + this.selection.column
    const count = rows.length * columns.length
    for (let step = 1; step <= count; step += 1) {
      const at = (start + step) % count
      const row = Math.floor(at / columns.length)
      if (this.sheet.asks(row, at % columns.length)) return this.goTo(this.sheet.path(row, at % columns.length))
    }
    return false
  }

  addRow(): void {
    const row = this.sheet.addRow()
    this.refresh()
    if (this.cards.showing) this.cards.open(row)
    else {
      this.select(new Selection(row, 0))
      this.editor.focus()
    }
  }

  removeRows(): void {
    const { top, bottom } = this.selection
    this.sheet.removeRows(top, bottom)
    this.refresh()
    this.say(this.t('grid.js.removed', { n: bottom - top + 1 }))
    this.editor.focus()
  }

  undo(back = true): void {
    const moved = back ? this.sheet.undo() : this.sheet.redo()
    if (!moved) this.say(this.t(back ? 'grid.js.nothing_to_undo' : 'grid.js.nothing_to_redo'))
    this.refresh()
  }

  private confirm(): void {
    const count = this.sheet.confirm(this.selection.cells())
    this.say(this.t('grid.js.confirmed', { n: count }))
    this.refresh()
    this.editor.focus()
  }

  private measured(): Geometry {
    const em = parseFloat(getComputedStyle(this.scroller).fontSize) || 18
    const stub = this.sheet.data.floating ? 3.2 : stubEms(this.sheet.data.rows)
    return new Geometry(widths(this.sheet, em), Math.round(em * 2.1), Math.round(stub * em), Math.round(em * 2.1) * this.sheet.data.head.length)
  }

  private listen(): void {
    const width = `${this.geometry.width}px`
    this.space.style.width = width
    this.space.style.setProperty('--stub', `${this.geometry.stubWidth}px`)
    this.space.style.setProperty('--line', `${this.geometry.rowHeight}px`)
    this.head.style.height = `${this.geometry.headHeight}px`
    this.scroller.style.minHeight = `${this.geometry.headHeight + LEAST_LINES * this.geometry.rowHeight}px`
    this.scroller.addEventListener('scroll', () => this.soon(), { passive: true })
    new ResizeObserver(() => this.soon()).observe(this.scroller)
    this.body.addEventListener('mousedown', (event) => this.onPress(event))
    this.body.addEventListener('mouseover', (event) => this.onDrag(event))
    window.addEventListener('mouseup', () => (this.dragging = false))
    this.body.addEventListener('dblclick', () => this.edit())
    const input = this.editor.input
    input.addEventListener('keydown', (event) => this.onKey(event))
    input.addEventListener('paste', (event) => this.blocks.paste(event))
    input.addEventListener('copy', (event) => this.blocks.copy(event, false))
    input.addEventListener('cut', (event) => this.blocks.copy(event, true))
    input.addEventListener('focus', () => this.holder.classList.add('has-focus'))
    input.addEventListener('blur', () => this.onBlur())
    window.matchMedia(PHONE).addEventListener('change', () => this.refresh())
  }

  private soon(): void {
    if (this.frame) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.draw(false)
    })
  }

  private draw(fresh: boolean): void {
    const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.scroller
    if (!clientHeight) return
    const rows = this.geometry.rows(scrollTop, clientHeight, this.sheet.rows.length)
    this.painter.draw(rows, this.geometry.columns(scrollLeft, clientWidth), this.selection, fresh)
    if (!this.picking.open) point(this.editor.input, this.body, this.selection)
    this.picking.place()
  }

  private select(next: Selection): void {
    const before = this.selection
    this.selection = next
    this.reveal()
    this.painter.select(before, next)
    this.place()
    this.bar.show()
    this.tell()
  }

  /** Scrolls so that the far corner of the selection is seen. */
  private reveal(): void {
    const { toRow, toColumn } = this.selection
    const { rowHeight, stubWidth, headHeight, lefts, widths: all } = this.geometry
    const top = toRow * rowHeight
    const left = lefts[toColumn] ?? 0
    const right = left + (all[toColumn] ?? 0)
    const view = this.scroller
    const height = view.clientHeight - headHeight
    if (top < view.scrollTop) view.scrollTop = top
    else if (top + rowHeight > view.scrollTop + height) view.scrollTop = top + rowHeight - height
    if (left - stubWidth < view.scrollLeft) view.scrollLeft = left - stubWidth
    else if (right > view.scrollLeft + view.clientWidth) view.scrollLeft = right - view.clientWidth
    this.draw(false)
  }

  private place(): void {
    const { row, column } = this.selection
    const { rowHeight, headHeight, lefts, widths: all } = this.geometry
    const box = { left: lefts[column] ?? 0, top: headHeight + row * rowHeight, width: all[column] ?? 0, height: rowHeight }
    this.editor.place(box, this.bar.label(row, column))
    this.editor.input.setAttribute('aria-controls', this.grid.id)
    if (!this.picking.open) point(this.editor.input, this.body, this.selection)
  }

  private tell(): void {
    this.status.textContent = this.bar.spoken(this.selection)
  }

  private onPress(event: MouseEvent): void {
    const at = this.cellAt(event)
    if (!at || event.button !== 0) return
    if (event.target === this.editor.input && this.editor.editing) return
    event.preventDefault()
    this.editor.commit()
    this.dragging = true
    this.select(event.shiftKey ? new Selection(this.selection.row, this.selection.column, ...at) : new Selection(...at))
    this.editor.focus()
  }

  private onDrag(event: MouseEvent): void {
    const at = this.dragging ? this.cellAt(event) : null
    if (at) this.select(new Selection(this.selection.row, this.selection.column, ...at))
  }

  private cellAt(event: MouseEvent): [number, number] | null {
    const cell = (event.target as Element).closest<HTMLElement>('[data-at]')
    const [row, column] = (cell?.dataset.at ?? '').split(',').map(Number)
    return cell && row !== undefined && column !== undefined ? [row, column] : null
  }

  private onBlur(): void {
    if (this.editor.editing && !this.editor.choosing) this.editor.commit()
    this.holder.classList.remove('has-focus')
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return
    if (this.editor.editing) this.whileTyping(event)
    else {
      const meant = command(event)
      if (!meant || (meant.kind === 'next' && this.leaves(meant))) return
      event.preventDefault()
      event.stopPropagation()
      this.obey(meant)
    }
  }

  /** Tab out of the first or last cell goes on to the rest of the page. */
  private leaves(meant: { back: boolean; down: boolean }): boolean {
    const { row, column } = this.selection
    const last = row >= this.sheet.rows.length - 1 && column >= this.sheet.columns.length - 1
    return !meant.down && (meant.back ? row === 0 && column === 0 : last)
  }

  private whileTyping(event: KeyboardEvent): void {
    const lineBreak = event.altKey && event.key === 'Enter'
    if (this.picking.key(event.key)) {
      if (!event.key.startsWith('Arrow')) this.obey({ kind: 'next', back: event.shiftKey, down: event.key === 'Enter' })
    } else if (event.key === 'Escape') this.editor.cancel()
    else if ((event.key === 'Enter' && !lineBreak) || event.key === 'Tab') {
      this.editor.commit()
      this.obey({ kind: 'next', back: event.shiftKey, down: event.key === 'Enter' })
    } else return event.stopPropagation()
    event.preventDefault()
    event.stopPropagation()
  }

  private obey(meant: Command): void {
    const { row, column, toRow, toColumn } = this.selection
    const rows = this.sheet.rows.length
    const columns = this.sheet.columns.length
    const extended = (extend: boolean, r: number, c: number) => {
      const [nextRow, nextColumn] = [Math.max(0, Math.min(rows - 1, r)), Math.max(0, Math.min(columns - 1, c))]
      this.select(extend ? new Selection(row, column, nextRow, nextColumn) : new Selection(nextRow, nextColumn))
    }
    switch (meant.kind) {
      case 'move':
        return extended(meant.extend, toRow + meant.rows, toColumn + meant.columns)
      case 'edge':
        return extended(meant.extend, meant.rows ? (meant.rows > 0 ? rows : 0) : toRow, meant.columns ? (meant.columns > 0 ? columns : 0) : toColumn)
      case 'page':
        return extended(meant.extend, toRow + (meant.down ? 1 : -1) * this.linesSeen(), toColumn)
      case 'next':
        return this.onward(meant.back ? -1 : 1, meant.down)
      case 'row':
        return this.select(new Selection(row, 0, toRow, columns - 1))
      case 'all':
        return this.select(new Selection(0, 0, rows - 1, columns - 1))
      case 'edit':
      case 'choose':
        return this.edit()
      case 'clear':
        this.sheet.clear(this.selection.cells())
        return this.refresh()
      case 'down':
        return this.blocks.down()
      case 'undo':
      case 'redo':
        return this.undo(meant.kind === 'undo')
      case 'confirm':
        return this.confirm()
      case 'source':
        return this.bar.openSource()
      case 'cancel':
        return this.select(new Selection(row, column))
    }
  }

  private linesSeen(): number {
    return Math.max(1, Math.floor((this.scroller.clientHeight - this.geometry.headHeight) / this.geometry.rowHeight) - 1)
  }

  /** Enter goes down, Tab to the right and at the end of a row to the next one. */
  private onward(step: 1 | -1, down: boolean): void {
    const { row, column } = this.selection
    const columns = this.sheet.columns.length
    const at = down ? row + step : Math.floor((row * columns + column + step) / columns)
    const to = down ? column : (row * columns + column + step + columns) % columns
    if (at >= 0 && at < this.sheet.rows.length) this.select(new Selection(at, to))
  }

  private edit(): void {
    const { row, column } = this.selection
    const type = this.sheet.columns[column]
    if (!type || !this.sheet.editable(row, column)) return this.say(this.t('grid.js.locked'))
    this.reveal()
    if (!this.picking.offered(type) && type.options.length && type.type !== 'choices' || type.type === 'yes_no') this.editor.choose(type, this.sheet.words, this.sheet.text(row, column))
    else this.editor.open(typedText(type, this.sheet.raw(row, column), this.sheet.words))
  }

  private started(): void {
    const { row, column } = this.selection
    this.reveal()
    this.picking.begin(row, column, this.bar.label(row, column))
  }

  private left(): void {
    this.picking.end()
    this.place()
  }

  private typed(text: string): void {
    const { row, column } = this.selection
    this.picking.end()
    const waiting = this.picking.ask(row, column, [[text]])
    if (waiting) void waiting.then(() => this.put(row, column, text))
    else this.put(row, column, text)
  }

  private put(row: number, column: number, text: string): void {
    const untold = this.sheet.editable(row, column) ? this.picking.untold(column, [[text]]) : []
    this.warn(untold)
    if (!untold.length && !this.sheet.put(row, column, text)) this.say(this.t(this.sheet.editable(row, column) ? 'grid.js.not_taken' : 'grid.js.locked', { value: text }))
    this.refresh()
  }

  get typing(): boolean {
    return this.editor.editing
  }

  warn(untold: string[]): void {
    this.untold.textContent = untold.join(' ')
    this.untold.hidden = !untold.length
  }
}
