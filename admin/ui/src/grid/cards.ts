// On a phone a row is a card: a list that shows only what fits, and one row at a time opened over the page.

import { element, type Text } from '../fill/cells'
import { problemLines } from './problems'
import type { Sheet } from './sheet'
import { choicesOf, typedText } from './text'
import type { ColumnData } from './data'

/** Where rows are cards: the width at which fill.css shows them. */
export const PHONE = '(max-width: 47.9em)'
const HEIGHT = 84
const SPARE = 4

export class Cards {
  readonly element = element('div', 'sheet-cards')
  private readonly space = element('ul', 'sheet-cards-space')
  private readonly dialog = element('dialog', 'sheet-card-open')
  private row = 0

  constructor(
    private readonly sheet: Sheet,
    private readonly t: Text,
    private readonly onChange: () => void,
  ) {
    this.element.append(this.space, this.dialog)
    this.element.addEventListener('scroll', () => this.draw(), { passive: true })
    this.dialog.setAttribute('aria-label', sheet.data.title)
    this.dialog.addEventListener('keydown', (event) => this.onKey(event))
  }

  get showing(): boolean {
    return window.matchMedia(PHONE).matches
  }

  refresh(): void {
    this.space.style.height = `${this.sheet.rows.length * HEIGHT}px`
    this.draw()
  }

  open(row: number, path?: string): void {
    this.row = row
    this.fill()
    if (!this.dialog.open) this.dialog.showModal()
    this.dialog.scrollTop = 0
    if (path) this.dialog.querySelector<HTMLElement>(`[data-card-cell="${CSS.escape(path)}"]`)?.focus()
  }

  private draw(): void {
    if (!this.showing) return
    const first = Math.max(0, Math.floor(this.element.scrollTop / HEIGHT) - SPARE)
    const end = Math.min(this.sheet.rows.length, first + Math.ceil(this.element.clientHeight / HEIGHT) + 2 * SPARE)
    const cards: HTMLElement[] = []
    for (let row = first; row < end; row += 1) cards.push(this.card(row))
    this.space.replaceChildren(...cards)
  }

  private card(row: number): HTMLElement {
    const item = element('li', 'sheet-card')
    item.style.transform = `translateY(${row * HEIGHT}px)`
    const asks = this.sheet.columns.filter((_, column) => this.sheet.asks(row, column)).length
    const button = element('button', asks ? 'asks' : '')
    button.type = 'button'
    const rest = this.sheet.columns.map((column, at) => (column.name === this.sheet.data.titledBy ? '' : this.sheet.text(row, at))).filter(Boolean)
    button.append(element('strong', '', this.title(row)), element('span', 'quiet small', rest.slice(0, 4).join(' · ')))
    if (asks) button.append(element('span', 'chip chip-todo', this.t('grid.js.asks', { n: asks })))
    button.addEventListener('click', () => this.open(row))
    item.append(button)
    return item
  }

  private title(row: number): string {
    const line = this.sheet.rows[row]
    if (!this.sheet.data.floating) return [...(line?.above ?? []), [line?.code, line?.title].filter(Boolean).join(' ')].join(' › ')
    const at = this.sheet.columns.findIndex((one) => one.name === this.sheet.data.titledBy)
    return `${row + 1}. ${at < 0 ? '' : this.sheet.text(row, at) || this.t('grid.js.empty')}`
  }

  private fill(): void {
    const fields = this.sheet.columns.flatMap((column, at) => (this.sheet.closed(this.row, at) ? [] : [this.field(column, at)]))
    const actions = element('div', 'sheet-card-actions')
    actions.append(
      this.button('grid.js.previous', () => this.step(-1), this.row === 0),
      this.button('grid.js.next', () => this.step(1), this.row >= this.sheet.rows.length - 1),
      this.button('grid.js.close', () => this.dialog.close()),
    )
    if (this.sheet.data.canAdd) actions.append(this.button('grid.js.remove', () => this.remove()))
    this.dialog.replaceChildren(element('h3', '', this.title(this.row)), ...fields, actions)
  }

  private field(column: ColumnData, at: number): HTMLElement {
    const path = this.sheet.path(this.row, at)
    const box = element('div', 'sheet-card-field')
    const label = element('label', '', [...column.above, column.heading].join(' / '))
    const chip = element('span', 'chip', '')
    const messages = element('div', 'cell-messages')
    const control = this.control(column, at)
    control.id = label.htmlFor = `card${path.replace(/\W/g, '.')}`
    control.dataset.cardCell = path
    const tell = () => {
      const state = this.sheet.state(this.row, at)
      chip.className = `chip chip-${state}`
      chip.textContent = this.t(`cell.state.${state}`)
      messages.replaceChildren(...problemLines(this.sheet, path, this.t))
      box.classList.toggle('asks', this.sheet.asks(this.row, at))
    }
    control.addEventListener(column.pick ? 'input' : 'change', () => {
      if (column.pick) this.picked(column, path, control as HTMLInputElement)
      const taken = column.pick !== '' || ('value' in control && this.sheet.put(this.row, at, String(control.value)))
      if (!taken) messages.replaceChildren(element('p', 'error', this.t('grid.js.not_taken', { value: 'value' in control ? String(control.value) : '' })))
      else {
        this.onChange()
        window.setTimeout(tell, 450)
      }
    })
    box.append(label, chip, control, ...this.absences(column, at, control), messages)
    tell()
    return box
  }

  private control(column: ColumnData, at: number): HTMLElement {
    const text = this.sheet.text(this.row, at)
    if (!this.sheet.editable(this.row, at)) return element('output', 'cell-value', text)
    if (column.pick) return this.picker(column, at)
    if (column.tree) return this.tree(column, at)
    const labels = choicesOf(column, this.sheet.words)
    if (labels.length && column.type !== 'choices') {
      const list = element('select', '')
      list.append(...['', ...labels].map((label) => new Option(label, label)))
      list.value = text
      return list
    }
    const input = element('input', '')
    input.type = 'text'
    input.autocomplete = 'off'
    if (column.type === 'integer') input.inputMode = 'numeric'
    else if (column.type === 'number') input.inputMode = 'decimal'
    input.value = typedText(column, this.sheet.raw(this.row, at), this.sheet.words)
    return input
  }

  /** The page makes boxes of these (fill/pick.ts, fill/tree.ts): a name is typed, the control keeps the value. */
  private picker(column: ColumnData, at: number): HTMLInputElement {
    const input = element('input', '')
    input.type = 'text'
    input.value = String(this.sheet.raw(this.row, at) ?? '')
    input.dataset.pick = column.pick
    input.dataset.label = this.sheet.text(this.row, at)
    input.dataset.path = this.sheet.path(this.row, at)
    return input
  }

  private tree(column: ColumnData, at: number): HTMLSelectElement {
    const list = element('select', '')
    list.dataset.tree = ''
    list.append(new Option('', ''))
    for (const one of column.options) {
      const made = new Option(one.label, one.value)
      Object.assign(made.dataset, { label: one.label, depth: String(one.depth ?? 0), spelt: one.spelt ?? '' })
      made.disabled = one.leads ?? false
      list.append(made)
    }
    list.value = String(this.sheet.raw(this.row, at) ?? '')
    return list
  }

  private picked(column: ColumnData, path: string, control: HTMLInputElement): void {
    if (control.value) column.called?.learn({ value: control.value, label: control.dataset.label ?? control.value, note: '' })
    this.sheet.set([[path, control.value || null]])
  }

  /** One press each: 不详, 不适用, 拒答. */
  private absences(column: ColumnData, at: number, control: HTMLElement): HTMLElement[] {
    if (!column.absences.length || !(control instanceof HTMLInputElement)) return []
    const group = element('span', 'absences')
    for (const one of column.absences) {
      group.append(
        this.button('', () => {
          control.value = this.sheet.text(this.row, at) === one.label ? '' : one.label
          control.dispatchEvent(new Event('change'))
        }, false, one.label),
      )
    }
    return [group]
  }

  /** Enter goes to the next field; it would submit the page. */
  private onKey(event: KeyboardEvent): void {
    event.stopPropagation()
    if (event.key !== 'Enter' || event.isComposing || event.target instanceof HTMLButtonElement) return
    event.preventDefault()
    const fields = [...this.dialog.querySelectorAll<HTMLElement>('input, select')]
    fields[fields.indexOf(event.target as HTMLElement) + 1]?.focus()
  }

  private step(step: 1 | -1): void {
    this.row += step
    this.fill()
    this.dialog.scrollTop = 0
  }

  private remove(): void {
    this.sheet.removeRows(this.row, this.row)
    this.dialog.close()
    this.onChange()
  }

  private button(key: string, act: () => void, disabled = false, label = ''): HTMLButtonElement {
    const made = element('button', 'btn btn-quiet', label || this.t(key))
    made.type = 'button'
    made.disabled = disabled
    made.addEventListener('click', act)
    return made
  }
}
