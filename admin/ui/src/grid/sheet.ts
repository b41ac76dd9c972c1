// The cells of one table as a sheet: what stands in them, what may be changed, what was done and can be undone.
// No elements here. Values live in the live document, changes go to the queue.

import type { Raw } from '../formula/values'
import type { Queue, Json } from '../fill/queue'
import type { Checking } from '../fill/checking'
import { CONFIRMABLE, type Problem } from '../fill/cells'
import { newId } from '../fill/rows'
import type { Applied } from '../live/conditions'
import { under } from '../live/plan'
import { Called } from './called'
import type { ColumnData, GridData, RowData } from './data'
import { fromText, shownText } from './text'

export interface Change {
  path: string
  before: Json
  after: Json
}

interface Step {
  changes: Change[]
  added: string[]
  removed: { id: string; at: number }[]
}

const ASKING: ReadonlySet<string> = new Set(['todo', 'returned', ...CONFIRMABLE])
const MOST_STEPS = 200

export class Sheet {
  readonly columns: readonly ColumnData[]
  /** Rows as shown: all, or only those that ask for something. */
  rows: RowData[] = []
  private all: RowData[] = []
  private readonly states: Map<string, string>
  private readonly only: ReadonlySet<string> | null
  private told: Applied | null = null
  private problems = new Map<string, Problem[]>()
  /** Reasons for checks, by check and cell. */
  readonly explanations = new Map<string, string>()
  private done: Step[] = []
  private undone: Step[] = []
  private mineOnly = false
  /** How many more cells that may stay blank are blank, and how many more there are, than when the page was made. */
  left = 0
  grown = 0

  constructor(
    readonly data: GridData,
    private readonly checking: Checking,
    private readonly queue: Queue | null,
    /** The words for yes and no. */
    readonly words: readonly [string, string],
    private readonly onChange: () => void,
  ) {
    this.columns = data.columns
    const labels = new Map(Object.entries(data.labels))
    for (const column of this.columns) if (column.pick) column.called = new Called(labels)
    this.states = new Map(Object.entries(data.states))
    this.only = data.only && new Set(data.only)
    for (const [key, text] of Object.entries(data.explanations)) this.explanations.set(key, text)
    this.all = data.floating ? checking.rowIds(data.path).map((id) => this.named(id)) : data.rows
    this.show(false)
  }

  path(row: number, column: number): string {
    return this.pathIn(this.rows[row]?.id ?? '', column)
  }

  private pathIn(id: string, column: number): string {
    const name = this.columns[column]?.name ?? ''
    return name ? `${this.data.path}/${id}/${name}` : `${this.data.path}/${id}`
  }

  owns(path: string): boolean {
    return path.startsWith(`${this.data.path}/`)
  }

  at(path: string): { row: number; column: number } | null {
    if (!this.owns(path)) return null
    const [id = '', name = ''] = path.slice(this.data.path.length + 1).split('/')
    const row = this.rows.findIndex((one) => one.id === id)
    const column = this.columns.findIndex((one) => one.name === name)
    return row < 0 || column < 0 ? null : { row, column }
  }

  /** Not asked for: closed in the form, or not shown by a condition. */
  closed(row: number, column: number): boolean {
    const path = this.path(row, column)
    return this.checking.spot(path) === null || (this.told !== null && under(path, this.told.hidden))
  }

  /** What the form's conditions say now. */
  follow(told: Applied): void {
    this.told = told
  }

  editable(row: number, column: number): boolean {
    const path = this.path(row, column)
    const spot = this.checking.spot(path)
    if (!this.data.editable || !spot || spot.kind.locked || (this.only && !this.only.has(path))) return false
    return !this.told || !(under(path, this.told.hidden) || under(path, this.told.readonly))
  }

  raw(row: number, column: number): Raw {
    return this.checking.raw(this.path(row, column))
  }

  text(row: number, column: number): string {
    const type = this.columns[column]
    return type ? shownText(type, this.raw(row, column), this.words) : ''
  }

  state(row: number, column: number): string {
    return this.stateOf(this.path(row, column))
  }

  private stateOf(path: string): string {
    const spot = this.checking.spot(path)
    if (spot?.kind.computed) return 'computed'
    if (this.only && !this.only.has(path)) return 'locked'
    const known = this.states.get(path)
    if (known) return known
    const raw = this.checking.raw(path)
    const blank = raw === null || raw === undefined || raw === ''
    if (!blank) return 'entered'
    const required = spot?.kind.required || this.told?.required.has(path)
    return required && this.data.editable ? 'todo' : 'blank'
  }

  problemsAt(path: string): Problem[] {
    return this.problems.get(path) ?? []
  }

  setProblems(problems: Problem[]): void {
    this.problems = new Map()
    for (const problem of problems) {
      if (!this.owns(problem.path)) continue
      const there = this.problems.get(problem.path)
      if (there) there.push(problem)
      else this.problems.set(problem.path, [problem])
    }
  }

  asks(row: number, column: number): boolean {
    const path = this.path(row, column)
    return this.problems.has(path) || (ASKING.has(this.stateOf(path)) && !this.closed(row, column))
  }

  /** How many cells ask for something. */
  asking(): number {
    const found = new Set(this.problems.keys())
    for (const [path, state] of this.states) if (ASKING.has(state)) found.add(path)
    this.columns.forEach((_, column) => {
      if (!this.mayBeMissing(column)) return
      for (let row = 0; row < this.rows.length; row += 1) if (this.asks(row, column)) found.add(this.path(row, column))
    })
    return found.size
  }

  /** Whether a blank cell of the column may be one that has to be filled in. */
  private mayBeMissing(column: number): boolean {
    if (!this.data.editable) return false
    if (!this.data.floating || this.told?.required.size) return true
    return this.checking.spot(this.path(0, column))?.kind.required ?? false
  }

  show(mineOnly = this.mineOnly): void {
    this.mineOnly = mineOnly
    this.rows = this.all
    if (mineOnly) this.rows = this.all.filter((_, at) => this.columns.some((__, column) => this.asks(at, column)))
  }

  setState(path: string, state: string): void {
    this.states.set(path, state)
  }

  reason(path: string): string {
    return this.data.reasons[path] ?? ''
  }

  /** Puts texts into cells from a corner on; adds rows where a floating table ends. Tells what could not be put. */
  fill(row: number, column: number, block: string[][]): { filled: number; skipped: number; rows: number; columns: number } {
    const step: Step = { changes: [], added: [], removed: [] }
    let skipped = 0
    block.forEach((line, down) => {
      if (row + down >= this.rows.length && !this.append(step)) {
        skipped += line.length
        return
      }
      line.forEach((text, right) => {
        if (!this.plan(step, row + down, column + right, text) && text.trim() !== '') skipped += 1
      })
    })
    this.commit(step)
    return { filled: step.changes.length, skipped, rows: block.length, columns: Math.max(0, ...block.map((line) => line.length)) }
  }

  /** Copies a row's cells into the rows below it, as they are. */
  down(from: number, to: number, left: number, right: number): { filled: number; skipped: number } {
    const wanted: [string, Json][] = []
    for (let row = from + 1; row <= Math.min(to, this.rows.length - 1); row += 1) {
      for (let column = left; column <= right; column += 1) {
        const path = this.path(row, column)
        const value = this.json(this.path(from, column))
        if (!this.told?.refused.get(path)?.has(String(value))) wanted.push([path, value])
      }
    }
    return { filled: this.set(wanted), skipped: 0 }
  }

  /** Empties cells. */
  clear(cells: Iterable<[number, number]>): void {
    const step: Step = { changes: [], added: [], removed: [] }
    for (const [row, column] of cells) this.plan(step, row, column, '')
    this.commit(step)
  }

  /** One cell; false when it cannot take the text. */
  put(row: number, column: number, text: string): boolean {
    const step: Step = { changes: [], added: [], removed: [] }
    const taken = this.plan(step, row, column, text)
    this.commit(step)
    return taken
  }

  /** Values as they are: of a choice, or of what is known beside it. */
  set(changes: Iterable<[string, Json]>): number {
    const step: Step = { changes: [], added: [], removed: [] }
    for (const [path, after] of changes) {
      const at = this.at(path)
      const before = this.json(path)
      if (at && this.editable(at.row, at.column) && JSON.stringify(before) !== JSON.stringify(after)) step.changes.push({ path, before, after })
    }
    this.commit(step)
    return step.changes.length
  }

  confirm(cells: Iterable<[number, number]>): number {
    let count = 0
    for (const [row, column] of cells) {
      const path = this.path(row, column)
      if (!CONFIRMABLE.has(this.stateOf(path)) || !this.editable(row, column)) continue
      this.queue?.confirm(path)
      this.states.set(path, 'entered')
      count += 1
    }
    if (count) this.onChange()
    return count
  }

  addRow(): number {
    const step: Step = { changes: [], added: [], removed: [] }
    this.append(step)
    this.commit(step)
    return this.rows.length - 1
  }

  removeRows(from: number, to: number): void {
    if (!this.data.canAdd) return
    const step: Step = { changes: [], added: [], removed: [] }
    for (const row of this.rows.slice(from, to + 1)) {
      this.columns.forEach((_, column) => {
        const path = this.pathIn(row.id, column)
        const before = this.json(path)
        if (before !== null && !this.checking.spot(path)?.kind.locked) step.changes.push({ path, before, after: null })
      })
      step.removed.push({ id: row.id, at: this.all.indexOf(row) })
    }
    this.commit(step)
  }

  undo(): boolean {
    return this.move(this.done, this.undone, true)
  }

  redo(): boolean {
    return this.move(this.undone, this.done, false)
  }

  /** What an earlier visit left unsent is put back; it is in the queue already. */
  restore(rows: Readonly<Record<string, { add: string[]; remove: string[] }>>, changes: Readonly<Record<string, Json>>): number {
    const mine = rows[this.data.path]
    for (const id of mine?.add ?? []) if (!this.all.some((one) => one.id === id)) this.insert(id, this.all.length)
    for (const id of mine?.remove ?? []) this.drop(id)
    let count = 0
    for (const [path, value] of Object.entries(changes)) {
      if (!this.owns(path) || !this.checking.spot(path)) continue
      this.left += this.turnsBlank(path, value)
      this.checking.change(path, value)
      this.states.delete(path)
      count += 1
    }
    this.show()
    return count
  }

  /** Somebody else's value took the place of ours, the server worked it out, or the form proposes it. */
  take(path: string, value: Json, state = ''): void {
    this.checking.change(path, value)
    if (state) this.states.set(path, state)
    else this.states.delete(path)
  }

  private plan(step: Step, row: number, column: number, text: string): boolean {
    const type = this.columns[column]
    if (!type || !this.editable(row, column)) return false
    const after = fromText(type, text, this.words)
    const path = this.path(row, column)
    if (after === undefined || this.told?.refused.get(path)?.has(String(after))) return false
    const before = this.json(path)
    if (JSON.stringify(before) !== JSON.stringify(after)) step.changes.push({ path, before, after })
    return true
  }

  private append(step: Step): boolean {
    if (!this.data.canAdd) return false
    const id = newId()
    this.insert(id, this.all.length)
    this.queue?.addRow(this.data.path, id)
    step.added.push(id)
    this.show()
    return true
  }

  private commit(step: Step): void {
    if (!step.changes.length && !step.added.length && !step.removed.length) return
    this.apply(step.changes.map((one) => [one.path, one.after]))
    for (const { id } of step.removed) {
      this.drop(id)
      this.queue?.removeRow(this.data.path, id)
    }
    this.done.push(step)
    if (this.done.length > MOST_STEPS) this.done.shift()
    this.undone = []
    this.show()
    this.onChange()
  }

  private move(from: Step[], to: Step[], back: boolean): boolean {
    const step = from.pop()
    if (!step) return false
    const coming = back ? step.removed : step.added.map((id) => ({ id, at: this.all.length }))
    const going = back ? step.added : step.removed.map((one) => one.id)
    for (const { id, at } of coming) {
      this.insert(id, at)
      this.queue?.restoreRow(this.data.path, id)
    }
    this.apply(step.changes.map((one) => [one.path, back ? one.before : one.after]))
    for (const id of going) {
      this.drop(id)
      this.queue?.removeRow(this.data.path, id)
    }
    to.push(step)
    this.show()
    this.onChange()
    return true
  }

  private apply(changes: [string, Json][]): void {
    for (const [path, value] of changes) {
      this.left += this.turnsBlank(path, value)
      this.checking.change(path, value)
      this.states.delete(path)
    }
    this.queue?.changeAll(changes)
  }

  private insert(id: string, at: number): void {
    this.all = [...this.all]
    this.all.splice(at, 0, this.named(id))
    this.checking.addRow(this.data.path, id, at)
    for (const { name, proposal } of this.columns) if (proposal !== null) this.take(`${this.data.path}/${id}/${name}`, proposal, 'proposed')
    this.left += this.blanksOf(id)
    this.grown += this.columns.length
  }

  private drop(id: string): void {
    this.left -= this.blanksOf(id)
    this.grown -= this.columns.length
    this.all = this.all.filter((one) => one.id !== id)
    this.checking.removeRow(this.data.path, id)
  }

  /** 1 when a cell that may stay blank becomes it, -1 when it is filled. */
  private turnsBlank(path: string, after: Json): number {
    const kind = this.checking.spot(path)?.kind
    return kind && !kind.required && !kind.computed ? Number(after === null) - Number(this.json(path) === null) : 0
  }

  private blanksOf(id: string): number {
    return this.columns.filter((_, column) => this.turnsBlank(this.pathIn(id, column), '') < 0).length
  }

  private named = (id: string): RowData => ({ id, code: '', title: '', above: [], indent: 0, total: false })

  private json(path: string): Json {
    return this.checking.json(path)
  }
}
