// The tables of the page that are shown as sheets: made when the live document is there, told what the page learns.

import type { Grid } from '../grid/grid'
import type { GridData } from '../grid/data'
import type { Applied } from '../live/conditions'
import { under } from '../live/plan'
import { element, type Cells, type Conflict, type Problem, type Text } from './cells'
import type { Checking } from './checking'
import type { Json, Queue } from './queue'

export class Sheets {
  private readonly grids: Grid[] = []
  private parts: [typeof import('../grid/grid'), typeof import('../grid/sheet')] | null = null
  private readonly holders: HTMLElement[]
  private problems: Problem[] = []
  private told: Applied | null = null
  private frame = 0

  constructor(
    private readonly form: HTMLElement,
    private readonly cells: Cells | null,
    private readonly checking: Checking,
    private readonly queue: Queue | null,
    private readonly t: Text,
    private readonly say: (text: string) => void,
    private readonly onChange: () => void,
  ) {
    this.holders = [...form.querySelectorAll<HTMLElement>('[data-grid]')]
  }

  /** Whether a path belongs to a table that is or will be a sheet. */
  has(path: string): boolean {
    return this.holders.some((holder) => path.startsWith(`${holder.dataset.grid ?? ''}/`))
  }

  /** Fetches what draws sheets, while the live document is being read. */
  async load(): Promise<void> {
    if (this.holders.length) this.parts = await Promise.all([import('../grid/grid'), import('../grid/sheet')])
  }

  /** Draws the sheets; calls back when they can be seen. */
  start(seen: () => void = () => undefined): void {
    if (!this.parts || !this.checking.running) return seen()
    const [{ Grid: Made }, { Sheet }] = this.parts
    const words = [this.t('grid.js.yes'), this.t('grid.js.no')] as const
    const id = this.form.dataset.document ?? ''
    for (const holder of this.holders) {
      const data = JSON.parse(holder.querySelector('script')?.textContent ?? '{}') as GridData
      const sheet = new Sheet(data, this.checking, this.queue, words, () => this.onChange())
      if (this.queue) this.restored(sheet.restore(this.queue.rows, this.queue.changes))
      holder.querySelector('[data-plain]')?.remove()
      holder.classList.add('is-live')
      const grid = new Made(holder, sheet, this.t, this.say, id)
      this.grids.push(grid)
      this.tools(holder, grid)
      this.cells?.elsewhere.push({ asking: () => sheet.asking(), left: () => sheet.left, grown: () => sheet.grown, nextAsking: () => grid.nextAsking(), goTo: (path) => grid.goTo(path) })
    }
    for (const { sheet } of this.grids) {
      if (this.told) sheet.follow(this.told)
      sheet.setProblems(this.problems)
      sheet.show(this.form.dataset.show === 'mine')
    }
    if (this.told) this.hide(this.told)
    for (const grid of this.grids) grid.refresh()
    this.cells?.tally()
    requestAnimationFrame(() => setTimeout(seen))
  }

  setProblems(problems: Problem[]): void {
    this.problems = problems
    for (const grid of this.grids) grid.setProblems(problems)
  }

  /** The form's conditions have been looked at anew. */
  apply(told: Applied): void {
    const says = (one: Applied | null) => (one ? one.hidden.size + one.required.size + one.readonly.size + one.refused.size : 0)
    const idle = says(this.told) + says(told) === 0
    this.told = told
    if (idle) return
    for (const grid of this.grids) {
      grid.sheet.follow(told)
      grid.refresh()
    }
    this.hide(told)
  }

  private hide(told: Applied): void {
    for (const holder of this.holders) holder.hidden = under(holder.dataset.grid ?? '', told.hidden)
  }

  /** What is known beside somebody who was picked. */
  put(path: string, value: Json): void {
    for (const grid of this.grids) {
      if (grid.sheet.set([[path, value]])) grid.refresh()
    }
  }

  setState(path: string, state: string): void {
    for (const grid of this.grids) if (grid.sheet.owns(path)) grid.sheet.setState(path, state)
  }

  /** A computed cell has another value; all of a moment are drawn at once. */
  changed(path: string): void {
    if (!this.frame && this.has(path)) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0
        for (const grid of this.grids) grid.refresh()
      })
    }
  }

  show(mineOnly: boolean): void {
    for (const grid of this.grids) {
      grid.sheet.show(mineOnly)
      grid.refresh()
    }
  }

  /** Somebody else's value takes its place. */
  arrived(path: string, value: Json): void {
    for (const grid of this.grids) {
      if (!grid.sheet.owns(path)) continue
      grid.sheet.take(path, value)
      grid.refresh()
    }
  }

  /** Somebody else changed the cell: both values are shown, one is chosen. */
  conflict(conflict: Conflict): boolean {
    const grid = this.grids.find((one) => one.sheet.owns(conflict.path))
    if (!grid) return false
    const box = element('div', 'conflict')
    box.setAttribute('role', 'alert')
    const told = (value: unknown) => (value === null ? '—' : String(value))
    const text = this.t('fill.js.conflict', { by: conflict.by || this.t('fill.js.your_other_window'), theirs: told(conflict.theirs), yours: told(conflict.yours) })
    const actions = element('div', 'actions')
    for (const mine of [true, false]) {
      const button = element('button', 'btn', this.t(mine ? 'fill.js.keep_mine' : 'fill.js.keep_theirs'))
      button.type = 'button'
      button.addEventListener('click', () => {
        box.remove()
        grid.sheet.take(conflict.path, mine ? conflict.yours : conflict.theirs)
        if (mine) this.queue?.change(conflict.path, conflict.yours)
        grid.refresh()
        this.onChange()
      })
      actions.append(button)
    }
    box.append(element('p', '', `${this.checking.nameOf(conflict.path)}: ${text}`), actions)
    grid.goTo(conflict.path)
    this.holders[this.grids.indexOf(grid)]?.prepend(box)
    return true
  }

  private restored(count: number): void {
    if (count) this.say(this.t('fill.js.restored', { n: count }))
  }

  private tools(holder: HTMLElement, grid: Grid): void {
    if (!grid.sheet.data.editable) return
    const tools = element('div', 'actions sheet-tools')
    const button = (key: string, act: () => void) => {
      const made = element('button', 'btn btn-quiet', this.t(key))
      made.type = 'button'
      made.addEventListener('click', act)
      tools.append(made)
    }
    if (grid.sheet.data.canAdd) {
      button('grid.js.add', () => grid.addRow())
      button('grid.js.remove_rows', () => grid.removeRows())
    }
    button('grid.js.undo', () => grid.undo())
    button('grid.js.redo', () => grid.undo(false))
    tools.append(element('span', 'hint', this.t('grid.js.hint')))
    holder.append(tools)
  }
}
