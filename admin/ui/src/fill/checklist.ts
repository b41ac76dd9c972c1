// All checks that do not hold, in one list before the foot of the page: how severe, both sides, and a way to each cell.

import { element, type Cells, type Problem, type Text } from './cells'
import type { Checking } from './checking'

const MOST = 50
const MOST_CELLS = 6

export class CheckList {
  private readonly box: HTMLElement | null

  constructor(
    form: HTMLFormElement,
    private readonly cells: Cells,
    private readonly checking: Checking,
    private readonly t: Text,
  ) {
    this.box = form.querySelector<HTMLElement>('[data-checks]')
  }

  show(problems: Problem[]): void {
    const list = this.box?.querySelector('[data-check-list]')
    if (!this.box || !list) return
    const failed = problems.filter((one) => one.code?.startsWith('check.'))
    this.box.hidden = failed.length === 0
    const count = this.box.querySelector('[data-check-count]')
    if (count) count.textContent = String(failed.length)
    list.replaceChildren(...failed.slice(0, MOST).map((one) => this.line(one)))
  }

  private line(problem: Problem): HTMLElement {
    const line = element('li', `check-line check-${problem.severity}`)
    const told = element('p', '', problem.text)
    told.prepend(element('strong', 'severity', this.t(`fill.js.severity.${problem.severity}`)), ' ')
    const ways = element('p', 'check-cells')
    for (const path of (problem.paths?.length ? problem.paths : [problem.path]).slice(0, MOST_CELLS)) {
      ways.append(this.way(path))
    }
    line.append(told, ways)
    return line
  }

  private way(path: string): HTMLElement {
    const value = this.checking.valueOf(path)
    const name = this.checking.nameOf(path)
    const button = element('button', 'link-btn', value ? `${name} (${value})` : name)
    button.type = 'button'
    button.addEventListener('click', () => {
      const cell = this.cells.find(path)
      if (!cell) return void this.cells.elsewhere.some((one) => one.goTo(path))
      const goal = this.cells.controls(cell)[0] ?? cell
      if (goal === cell) cell.tabIndex = -1
      goal.scrollIntoView({ block: 'center' })
      goal.focus({ preventScroll: true })
    })
    return button
  }
}
