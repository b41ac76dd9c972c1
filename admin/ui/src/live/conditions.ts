// What is shown, required, locked and offered now. Same rules as forms/conditions.py: what is not shown counts as blank,
// so its values are laid aside while it is hidden and come back when it is shown again.

import { compile, type Environment, type Rule } from '../formula/evaluate'
import type { Raw } from '../formula/values'
import type { Live } from './live'
import { under, type ConditionPlan } from './plan'
import { fixedRow, floatingRow } from './views'

const ROUNDS = 24

export interface Applied {
  hidden: ReadonlySet<string>
  required: ReadonlySet<string>
  readonly: ReadonlySet<string>
  refused: ReadonlyMap<string, ReadonlySet<string>>
}

interface Asked {
  plan: ConditionPlan
  rule: Rule
}

export class Conditions {
  private readonly asked: Asked[]
  /** Values of cells that are not shown. */
  private readonly aside = new Map<string, Raw>()

  constructor(
    private readonly live: Live,
    plans: ConditionPlan[],
  ) {
    this.asked = plans.map((plan) => ({ plan, rule: compile(plan.tree) }))
  }

  get any(): boolean {
    return this.asked.length > 0
  }

  /** A cell was typed into: what was laid aside of it is out of date. */
  typed(path: string): void {
    this.aside.delete(path)
  }

  /** Settles what is shown, moving values aside and back, and tells the rest; `settle` computes in between. */
  apply(settle: () => void): Applied {
    let hidden = new Set<string>()
    for (let round = 0; round < ROUNDS; round += 1) {
      settle()
      hidden = new Set(this.places('show', false).map(([path]) => path))
      if (!this.moved(hidden)) break
    }
    const refused = new Map<string, Set<string>>()
    for (const [path, plan] of this.places('choice', false)) {
      const known = refused.get(path) ?? new Set<string>()
      refused.set(path, known.add(plan.value))
    }
    const all = (kind: string) => new Set(this.places(kind, true).map(([path]) => path))
    return { hidden, required: all('required'), readonly: all('readonly'), refused }
  }

  /** Lays aside what is hidden now and puts back what is shown again; whether anything moved. */
  private moved(hidden: Set<string>): boolean {
    let any = false
    for (const [path, value] of [...this.aside]) {
      if (under(path, hidden)) continue
      this.aside.delete(path)
      this.live.put(path, value)
      any = true
    }
    for (const path of hidden) {
      for (const cell of this.live.cellsUnder(path)) {
        const value = this.live.values.get(cell)
        if (value === undefined || value === null) continue
        this.aside.set(cell, value)
        this.live.put(cell, null)
        any = true
      }
    }
    return any
  }

  /** Where conditions of a kind give this answer; a blank is a no. */
  private places(kind: string, answer: boolean): [string, ConditionPlan][] {
    const found: [string, ConditionPlan][] = []
    for (const { plan, rule } of this.asked) {
      if (plan.kind !== kind) continue
      for (const [path, env] of this.environments(plan)) {
        if ((rule(env) === true) === answer) found.push([path, plan])
      }
    }
    return found
  }

  private environments(plan: ConditionPlan): [string, Environment][] {
    const { live } = this
    const table = plan.table === null ? null : live.form.table(plan.table)
    if (!table) return [[plan.path, live.values.document]]
    const tail = plan.path.slice(table.plan.path.length + 1).split('/').slice(1).join('/')
    const at = (row: string) => (tail ? `${row}/${tail}` : row)
    if (plan.row !== null) {
      const view = fixedRow(live.values, table, plan.row)
      return view ? [[at(view.path), view]] : []
    }
    return live.values.rows(table.plan.path).map((row, index) => {
      const view = floatingRow(live.values, table, live.values.idOf(row, index), '')
      return [at(view.path), view]
    })
  }
}
