// The cells of the page: their controls, marks and messages. No network here.

import { press, pressed } from './absent'
import type { Json } from './queue'
import { isAbsent, put, read, type Control } from './value'

export interface Problem {
  path: string
  severity: 'error' | 'gated' | 'explain'
  text: string
  code?: string
  /** All cells concerned. */
  paths?: string[]
  /** What the filler wrote to a check that asks for a reason. */
  explanation?: string
}

export interface Conflict {
  path: string
  yours: Json
  theirs: Json
  by: string
}

export type Text = (key: string, values?: Record<string, string | number>) => string

/** What one press confirms. */
export const CONFIRMABLE: ReadonlySet<string> = new Set(['carried', 'proposed', 'stale', 'conflict'])
const ASKING = new Set(['todo', 'returned', ...CONFIRMABLE])

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text
  return made
}

/** As forms/filing.py, which decides: what the statistics offices refuse as an explanation. */
const EMPTY_WORDS = ['核实无误', '已核实', '核实', '无误', '情况属实', '属实', '正确']
const SHORTEST_REASON = 5

/** Cells that are not elements of the page: those of tables shown as sheets. */
export interface Elsewhere {
  asking(): number
  /** How many more optional cells are blank than when the page was made. */
  left(): number
  /** How many more cells there are than when the page was made. */
  grown(): number
  nextAsking(): boolean
  goTo(path: string): boolean
}

export class Cells {
  readonly elsewhere: Elsewhere[] = []
  /** Reasons of checks that hold again for the moment. */
  private readonly reasons = new Map<string, string>()
  /** Optional blank cells that are not elements of the page. */
  private readonly leftElsewhere: number
  /** Cells that are not elements of the page, by what it said when it was made. */
  private readonly cellsElsewhere: number

  constructor(
    private readonly form: HTMLFormElement,
    private readonly t: Text,
  ) {
    this.leftElsewhere = Number(form.querySelector('[data-left]')?.textContent ?? 0) - this.left()
    this.cellsElsewhere = Number(form.querySelector('[data-total]')?.textContent ?? 0) - this.shown()
  }

  find(path: string): HTMLElement | null {
    return this.form.querySelector<HTMLElement>(`[data-cell="${CSS.escape(path)}"]`)
  }

  of(node: Element): HTMLElement | null {
    return node.closest<HTMLElement>('[data-cell]')
  }

  controls(cell: HTMLElement): Control[] {
    return [...cell.querySelectorAll<Control>('[name^="v:"]')]
  }

  value(cell: HTMLElement): Json {
    return pressed(cell) ?? read(this.controls(cell), cell.dataset.type ?? 'text')
  }

  put(cell: HTMLElement, value: Json): boolean {
    const gone = isAbsent(value)
    if (!press(cell, gone ? value.absent : null)) return false
    return put(this.controls(cell), cell.dataset.type ?? 'text', gone ? null : value)
  }

  /** A cell the filler has just touched: it is theirs now, and blank again asks again. */
  touched(cell: HTMLElement): void {
    const value = this.value(cell)
    const blank = value === null || (Array.isArray(value) && value.length === 0)
    this.setState(cell, blank ? (cell.dataset.required ? 'todo' : 'blank') : 'entered')
  }

  setState(cell: HTMLElement, state: string, display?: string): void {
    cell.dataset.state = state
    const text = cell.querySelector('[data-state-text]')
    const chip = cell.querySelector('.chip')
    if (text) text.textContent = this.t(`cell.state.${state}`)
    if (chip) chip.className = `chip chip-${state === 'confirmed' ? 'entered' : state}`
    const tick = cell.querySelector<HTMLElement>('.confirm')
    if (tick && state !== 'confirmed') tick.hidden = !CONFIRMABLE.has(state)
    const output = cell.querySelector<HTMLOutputElement>('output')
    if (output && display !== undefined) output.value = display
    this.count(cell)
  }

  setComputed(path: string, display: string): void {
    const output = this.find(path)?.querySelector<HTMLOutputElement>('output')
    if (output) output.value = display
  }

  setProblems(problems: Problem[]): void {
    for (const old of this.form.querySelectorAll('[data-problem]')) old.remove()
    const kept = new Map<string, HTMLElement>()
    for (const node of this.form.querySelectorAll<HTMLElement>('[data-explain-row]')) kept.set(node.dataset.explainRow ?? '', node)
    for (const cell of this.form.querySelectorAll<HTMLElement>('[data-cell].has-problem')) {
      cell.classList.remove('has-problem', 'has-error')
      for (const control of this.controls(cell)) control.removeAttribute('aria-invalid')
      this.count(cell)
    }
    const asked = new Set<string>()
    for (const problem of problems) this.addProblem(problem, kept, asked)
    for (const [key, node] of kept) {
      if (asked.has(key)) continue
      this.reasons.set(key, node.querySelector('input')?.value ?? '')
      node.remove()
    }
  }

  private addProblem(problem: Problem, kept: Map<string, HTMLElement>, asked: Set<string>): void {
    const cell = this.find(problem.path)
    const place = cell?.querySelector('[data-messages]')
    if (!cell || !place) return
    const isError = problem.severity === 'error'
    const line = element('p', isError ? 'error' : 'caution', problem.text)
    if (problem.code?.startsWith('check.')) line.prepend(element('strong', 'severity', this.t(`fill.js.severity.${problem.severity}`)), ' ')
    line.dataset.problem = ''
    cell.classList.add('has-problem')
    if (isError) {
      cell.classList.add('has-error')
      for (const control of this.controls(cell)) control.setAttribute('aria-invalid', 'true')
    }
    place.prepend(line)
    if (!isError && problem.code) {
      const key = `${problem.code}:${problem.path}`
      asked.add(key)
      if (!kept.has(key)) place.append(this.explainRow(key))
    }
    this.count(cell)
  }

  private explainRow(key: string): HTMLElement {
    const row = element('div', 'row explain')
    row.dataset.explainRow = key
    const label = element('label', '', this.t('fill.js.explain'))
    const input = element('input', '')
    input.type = 'text'
    input.name = `explain:${key}`
    input.id = label.htmlFor = `x.${key}`
    input.dataset.explain = key
    input.value = this.reasons.get(key) ?? ''
    row.append(label, input)
    return row
  }

  /** Tells at once what the server would refuse as a reason: too short, or nothing but 核实无误. */
  weigh(input: HTMLInputElement): void {
    const bare = EMPTY_WORDS.reduce((text, word) => text.split(word).join(''), input.value.replace(/[^\p{L}\p{N}]/gu, ''))
    const enough = [...bare].length >= SHORTEST_REASON
    const hint = input.parentElement?.querySelector('.explain-hint')
    if (enough || !input.value.trim()) hint?.remove()
    else if (!hint) input.after(element('p', 'hint explain-hint', this.t('fill.js.explain_more', { n: SHORTEST_REASON })))
    input.setAttribute('aria-invalid', String(!enough))
  }

  showConflict(conflict: Conflict, take: (mine: boolean) => void): void {
    const place = this.find(conflict.path)?.querySelector('[data-messages]')
    if (!place) return
    place.querySelector('.conflict')?.remove()
    const box = element('div', 'conflict')
    box.setAttribute('role', 'alert')
    const shown = (value: Json) => (value === null ? '—' : String(value))
    const text = this.t('fill.js.conflict', { by: conflict.by || this.t('fill.js.your_other_window'), theirs: shown(conflict.theirs), yours: shown(conflict.yours) })
    const buttons = element('div', 'actions')
    for (const mine of [true, false]) {
      const button = element('button', 'btn', this.t(mine ? 'fill.js.keep_mine' : 'fill.js.keep_theirs'))
      button.type = 'button'
      button.addEventListener('click', () => {
        box.remove()
        take(mine)
      })
      buttons.append(button)
    }
    box.append(element('p', '', text), buttons)
    place.append(box)
  }

  /** Marks the cell, its row and its section as asking or quiet: the filter and the counters stand on it. */
  count(cell: HTMLElement): void {
    const asks = cell.dataset.hidden === undefined && (ASKING.has(cell.dataset.state ?? '') || cell.classList.contains('has-problem'))
    cell.dataset.needs = asks ? '1' : ''
  }

  tally(): number {
    for (const part of this.form.querySelectorAll<HTMLElement>('[data-row], [data-section]')) {
      part.toggleAttribute('data-quiet', !part.querySelector('[data-needs="1"]'))
    }
    const asking = this.asking().length + this.elsewhere.reduce((sum, one) => sum + one.asking(), 0)
    const mine = this.form.querySelector('[data-mine]')
    const meter = this.form.querySelector('progress')
    const total = this.cellsElsewhere + this.shown() + this.elsewhere.reduce((sum, one) => sum + one.grown(), 0)
    if (meter) meter.max = Math.max(1, total)
    const all = this.form.querySelector('[data-total]')
    if (all) all.textContent = String(total)
    const told = all?.closest<HTMLElement>('.fill-progress-text')
    if (told) told.hidden = total === 0
    const known = this.form.querySelector('[data-known]')
    if (mine) mine.textContent = String(asking)
    const left = Math.max(0, this.leftElsewhere + this.left() + this.elsewhere.reduce((sum, one) => sum + one.left(), 0))
    if (meter) meter.value = Math.max(0, total - asking - left)
    if (known && meter) known.textContent = String(meter.value)
    const blank = this.form.querySelector<HTMLElement>('[data-left]')
    if (blank) blank.textContent = String(left)
    if (blank?.parentElement) blank.parentElement.hidden = left === 0
    const next = this.form.querySelector<HTMLElement>('[data-next]')
    if (next) next.hidden = asking === 0
    const nothing = this.form.querySelector<HTMLElement>('[data-nothing]')
    if (nothing) nothing.hidden = asking > 0 || this.form.dataset.show !== 'mine'
    return asking
  }

  /** Cells of the page that are shown. */
  private shown(): number {
    return this.form.querySelectorAll('[data-cell]:not([data-hidden])').length
  }

  /** Optional cells of the page that are blank. */
  private left(): number {
    return this.form.querySelectorAll('[data-cell][data-state="blank"]:not([data-hidden]):not(.has-problem)').length
  }

  asking(): HTMLElement[] {
    return [...this.form.querySelectorAll<HTMLElement>('[data-cell][data-needs="1"]')]
  }

  editable(): Control[] {
    const seen = new Set<string>()
    return [...this.form.querySelectorAll<Control>('[name^="v:"]')].filter((control) => {
      const first = !seen.has(control.name)
      seen.add(control.name)
      return first && control.getClientRects().length > 0
    })
  }
}
