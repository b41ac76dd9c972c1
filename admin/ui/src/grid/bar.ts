// The line above a sheet: which cell is selected, its state, what is wrong with it, a reason if one is asked for, its source.

import { CONFIRMABLE, element, type Text } from '../fill/cells'
import type { Selection } from './geometry'
import { problemLines } from './problems'
import type { Sheet } from './sheet'

export class CellBar {
  readonly element = element('div', 'sheet-bar')
  private readonly name = element('strong', 'sheet-bar-name')
  private readonly chip = element('span', 'chip')
  private readonly tick: HTMLButtonElement
  private readonly why: HTMLButtonElement
  private readonly messages = element('div', 'sheet-bar-messages')
  private readonly absences = element('span', 'absences')
  private readonly source = element('div', 'sheet-bar-source')
  private shown = ''

  constructor(
    private readonly sheet: Sheet,
    private readonly t: Text,
    private readonly documentId: string,
    private readonly selection: () => Selection,
    onConfirm: () => void,
    private readonly onPut: (text: string) => void,
  ) {
    this.tick = this.button('grid.js.confirm', onConfirm)
    this.why = this.button('grid.js.source', () => this.openSource())
    this.why.hidden = !documentId
    this.messages.dataset.messages = ''
    const line = element('div', 'sheet-bar-line')
    line.append(this.name, this.chip, this.absences, this.tick, this.why)
    this.element.append(line, this.messages, this.source)
  }

  show(): void {
    const { row, column, single } = this.selection()
    const path = this.sheet.path(row, column)
    const known = this.sheet.rows.length > 0 && !this.sheet.closed(row, column)
    this.element.hidden = this.sheet.rows.length === 0
    this.name.textContent = this.label(row, column)
    const state = this.sheet.state(row, column)
    this.chip.hidden = !known
    this.chip.className = `chip chip-${state}`
    this.chip.textContent = this.t(`cell.state.${state}`)
    this.tick.hidden = !this.sheet.data.editable || (single && !CONFIRMABLE.has(state))
    if (path !== this.shown) this.source.replaceChildren()
    this.offerAbsences(row, column, single)
    this.tellProblems(path, path !== this.shown)
    this.shown = path
  }

  label(row: number, column: number): string {
    const line = this.sheet.rows[row]
    const type = this.sheet.columns[column]
    if (!line || !type) return ''
    const title = this.sheet.data.floating ? [String(row + 1), this.titleOf(row)].filter(Boolean).join(' ') : [...line.above, [line.code, line.title].filter(Boolean).join(' ')].join(' › ')
    return `${title} · ${[...type.above, type.heading].join(' / ')}`
  }

  spoken(selection: Selection): string {
    const { row, column } = selection
    const problems = this.sheet.problemsAt(this.sheet.path(row, column)).map((one) => one.text)
    return [this.label(row, column), this.sheet.text(row, column) || this.t('grid.js.empty'), ...problems].join(' ')
  }

  /** Asks the server where the value comes from. */
  openSource(): void {
    const { row, column } = this.selection()
    const url = `/records/${encodeURIComponent(this.documentId)}/source?path=${encodeURIComponent(this.sheet.path(row, column))}`
    if (!this.documentId) return
    void fetch(url, { credentials: 'same-origin', headers: { accept: 'text/html' } })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
      .then((html) => {
        this.source.innerHTML = html
      })
      .catch(() => this.source.replaceChildren(element('p', 'caution', this.t('grid.js.no_source'))))
  }

  /** One press beside the cell: 不详, 不适用, 拒答; pressed again, it is blank. */
  private offerAbsences(row: number, column: number, single: boolean): void {
    const offered = single && this.sheet.editable(row, column) ? (this.sheet.columns[column]?.absences ?? []) : []
    const now = this.sheet.text(row, column)
    const key = JSON.stringify([row, column, now, offered.length])
    if (this.absences.dataset.key === key) return
    this.absences.dataset.key = key
    this.absences.replaceChildren(
      ...offered.map((one) => {
        const made = element('button', 'press', one.label)
        made.type = 'button'
        made.setAttribute('aria-pressed', String(one.label === now))
        made.addEventListener('click', () => this.onPut(one.label === now ? '' : one.label))
        return made
      }),
    )
  }

  private titleOf(row: number): string {
    const at = this.sheet.columns.findIndex((one) => one.name === this.sheet.data.titledBy)
    return at < 0 ? '' : this.sheet.text(row, at)
  }

  private tellProblems(path: string, moved: boolean): void {
    const problems = this.sheet.problemsAt(path)
    const key = JSON.stringify([path, problems.map((one) => one.text), this.sheet.reason(path)])
    if (!moved && this.messages.dataset.key === key) return
    this.messages.dataset.key = key
    this.messages.replaceChildren(...problemLines(this.sheet, path, this.t))
  }

  private button(key: string, act: () => void): HTMLButtonElement {
    const made = element('button', 'btn btn-quiet', this.t(key))
    made.type = 'button'
    made.addEventListener('click', act)
    return made
  }
}
