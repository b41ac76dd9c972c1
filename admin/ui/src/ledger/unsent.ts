// Above the table: what is kept on this device and not yet in the ledger, and what somebody has to decide about it.

import { element } from '../fill/cells'
import type { SaveState } from '../fill/saver'
import type { Kept, KeptCells } from './kept'
import { cellOf, showUnsent, told } from './table'

export interface Presses {
  send(one: Kept): void
  drop(one: Kept): void
  open(one: Kept): void
}

export class Unsent {
  private readonly shown = new Set<string>()
  private state: SaveState['kind'] = 'saved'

  constructor(
    private readonly place: HTMLElement,
    private readonly cells: KeptCells,
    private readonly door: string,
    private readonly presses: Presses,
    /** The cell that the dialog shows, which needs no line of its own. */
    private readonly opened: () => { row: string; column: string } | null,
  ) {}

  tell(state: SaveState['kind']): void {
    this.state = state
    this.refresh()
  }

  /** Anew from what is kept. */
  refresh(): void {
    const all = this.cells.all
    const opened = this.opened()
    const listed = all.filter((one) => one.row !== opened?.row || one.column !== opened.column)
    this.mark(all)
    this.place.hidden = !listed.length
    if (!listed.length) return this.place.replaceChildren()
    const heading = element('h2', '', told('unsent', { n: listed.length }))
    const list = element('ul', 'plain-list')
    list.append(...listed.map((one) => this.line(one)))
    this.place.replaceChildren(heading, this.standing(listed), list)
  }

  private mark(all: Kept[]): void {
    const now = new Map(all.map((one) => [`${one.row}:${one.column}`, one]))
    for (const key of this.shown) {
      const [row = '', column = ''] = key.split(':')
      const cell = now.has(key) ? null : cellOf(row, column)
      if (cell?.classList.contains('unsent')) showUnsent(cell, null)
      if (!now.has(key)) this.shown.delete(key)
    }
    for (const [key, one] of now) {
      const cell = cellOf(one.row, one.column)
      if (cell) showUnsent(cell, one.shown)
      this.shown.add(key)
    }
  }

  private standing(listed: Kept[]): HTMLElement {
    const waiting = listed.some((one) => one.state === 'waiting')
    const key = !waiting ? 'decide' : this.state === 'login' ? 'login' : this.state === 'saving' ? 'saving' : 'offline'
    const line = element('p', '', told(`unsent.${key}`))
    line.dataset.unsentState = key
    if (key === 'login') {
      const door = element('a', 'btn', told('login_again'))
      door.href = this.door
      line.append(' ', door)
    }
    return line
  }

  private line(one: Kept): HTMLElement {
    const item = element('li', '')
    item.dataset.unsent = `${one.row}:${one.column}`
    const words = element('p', '')
    words.append(element('strong', '', `${one.title} · ${one.label}${told('colon')}${one.shown || told('blank')}`))
    const why = told(`unsent.${one.state}`, { by: one.by, value: one.told || told('blank'), why: one.told })
    words.append(' ', element('span', 'small', why))
    const actions = element('p', 'actions')
    if (one.state === 'clash') actions.append(this.button(one, 'drop', told('theirs')), this.button(one, 'send', told('mine')))
    else {
      if (one.state === 'typed') actions.append(this.button(one, 'send', told('save')))
      if (cellOf(one.row, one.column)) actions.append(this.button(one, 'open', told('open')))
      actions.append(this.button(one, 'drop', told('drop')))
    }
    item.append(words, actions)
    return item
  }

  private button(one: Kept, press: keyof Presses, text: string): HTMLButtonElement {
    const button = element('button', press === 'send' ? 'btn btn-main' : 'btn btn-quiet', text)
    button.type = 'button'
    button.dataset.press = press
    button.append(element('span', 'hide-visually', ` ${one.title} ${one.label}`))
    button.addEventListener('click', () => this.presses[press](one))
    return button
  }
}
