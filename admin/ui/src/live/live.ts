// The document computes and checks itself while somebody types: after a change only what reads it is asked again.
// What this finds is a hint; the server judges. Same rules as forms/checks/compute.py and forms/checks/run.py.

import { decimal, Decimal, rounded, whole, ZERO } from '../formula/decimal'
import { compile, type Answer, type Environment, type Rule } from '../formula/evaluate'
import { verdict, type Relation, type Verdict } from '../formula/explain'
import { Day, type Raw, type Value } from '../formula/values'
import { Form, type CheckPlan, type ComputePlan, type Plan, type Surroundings, type Table } from './plan'
import { Touched } from './touched'
import { Values } from './values'
import { column, fixedRow, floatingRow, View } from './views'

/** One check that does not hold at one place. */
export interface Failure {
  check: CheckPlan
  view: View | null
  relations: Relation[]
}

interface Computed {
  plan: ComputePlan
  rule: Rule
}

interface Checked {
  plan: CheckPlan
  verdict: Verdict
  tolerance: Decimal
  table: Table | null
  way: 'once' | 'rows' | 'columns'
  /** By place: a row's identity, a column's name, or nothing. */
  failed: Map<string, Failure>
}

export class Live {
  readonly form: Form
  readonly values: Values
  private readonly touched = new Touched()
  private readonly computed: Computed[]
  private readonly checked: Checked[]

  constructor(plan: Plan, around: Surroundings) {
    this.form = new Form(plan)
    this.values = new Values(this.form, around)
    this.computed = plan.computes.map((one) => ({ plan: one, rule: compile(one.tree) }))
    this.checked = plan.checks.map((one) => this.prepared(one))
    this.touched.all = true
  }

  put(path: string, value: Raw): void {
    this.values.put(path, value)
    this.touched.cell(this.form, path)
  }

  addRow(table: string, id: string, at?: number): void {
    this.values.addRow(table, id, at)
    this.touched.row(this.form, table, id)
  }

  removeRow(table: string, id: string): void {
    this.values.removeRow(table, id)
    this.touched.row(this.form, table, id)
    for (const one of this.checked) if (one.table?.plan.path === table) one.failed.delete(id)
  }

  /** Computes what reads the changes and checks it; tells which computed cells have another value now. */
  settle(): Map<string, Value> {
    const changed = new Map<string, Value>()
    if (!this.touched.any) return changed
    for (const one of this.computed) this.compute(one, changed)
    for (const one of this.checked) this.check(one)
    this.touched.clear()
    return changed
  }

  /** The cells at a path and below it: of an item, a group, a table or a row. */
  cellsUnder(path: string): string[] {
    const below = (one: string) => one === path || one.startsWith(`${path}/`)
    const found = this.form.paths.filter(below)
    for (const table of this.form.tables) {
      const head = table.plan.path
      if (!below(head) && !path.startsWith(`${head}/`)) continue
      const rows = table.plan.floating ? this.values.rows(head).map((row, at) => this.values.idOf(row, at)) : table.plan.rows.map((one) => one.name)
      for (const row of rows) for (const { name } of table.plan.columns) found.push(`${head}/${row}/${name}`)
    }
    return found.filter(below)
  }

  /** What does not hold now, in the order of the form's checks and of the rows. */
  failures(limit = 500): Failure[] {
    const found: Failure[] = []
    for (const one of this.checked) {
      if (!one.failed.size) continue
      for (const place of this.places(one)) {
        const failure = one.failed.get(place)
        if (failure) found.push(failure)
      }
      if (found.length >= limit) return found.slice(0, limit)
    }
    return found
  }

  /** Where a check is asked, in the order that people see. */
  private places({ table, way }: Checked): string[] {
    if (way === 'once' || !table) return ['']
    if (way === 'columns') return table.plan.columns.map((one) => one.name)
    if (!table.plan.floating) return table.plan.rows.map((one) => one.name)
    return this.values.rows(table.plan.path).map((row, at) => this.values.idOf(row, at))
  }

  private compute({ plan, rule }: Computed, changed: Map<string, Value>): void {
    const set = (path: string, env: Environment) => {
      const value = settled(plan, rule(env))
      if (same(this.values.get(path), value)) return
      this.put(path, value)
      changed.set(path, value)
    }
    const table = plan.table === null ? null : this.form.table(plan.table)
    if (!table || plan.column === null) {
      if (this.reads(plan.used, null)) set(plan.path, this.values.document)
    } else if (plan.row !== null) {
      const view = fixedRow(this.values, table, plan.row)
      if (view && this.reads(plan.used, view)) set(`${view.path}/${plan.column}`, view)
    } else {
      for (const id of this.rowsToAsk(table, plan.used)) set(`${table.plan.path}/${id}/${plan.column}`, floatingRow(this.values, table, id, ''))
    }
  }

  private check(one: Checked): void {
    const { plan, table, way } = one
    if (way === 'once' || !table) {
      if (this.reads(plan.used, null)) this.ask(one, '', this.values.document, null)
    } else if (way === 'columns') {
      for (const { name } of table.plan.columns) {
        const view = column(this.values, table, name)
        const needed = plan.used.filter((used) => table.rows.has(used) || table.plan.rows.some((row) => row.code === used))
        if (needed.every((used) => view.near.has(used)) && this.reads(plan.used, view)) this.ask(one, name, view, view)
      }
    } else if (table.plan.floating) {
      for (const id of this.rowsToAsk(table, plan.used)) {
        const view = floatingRow(this.values, table, id, '')
        this.ask(one, id, view, view)
      }
    } else {
      const needed = plan.used.filter((used) => table.columns.has(used))
      for (const { name } of table.plan.rows) {
        const view = fixedRow(this.values, table, name)
        if (view && needed.every((used) => view.near.has(used)) && this.reads(plan.used, view)) this.ask(one, name, view, view)
      }
    }
  }

  private ask(one: Checked, place: string, env: Environment, view: View | null): void {
    const answer: Answer = one.verdict.holds(env, one.tolerance)
    if (answer !== false) one.failed.delete(place)
    else one.failed.set(place, { check: one.plan, view, relations: one.verdict.explain(env, one.tolerance) })
  }

  /** Whether a formula reads anything that changed; near names mean cells of the view. */
  private reads(used: string[], view: View | null): boolean {
    if (this.touched.all || !used.length) return this.touched.all
    return used.some((name) => {
      const near = view?.near.get(name.split('.')[0] ?? '')
      return this.touched.names.has(near ? near.slice(1).replace(/\//g, '.') : name)
    })
  }

  /** The rows of a floating table that a formula has to be asked for again. */
  private rowsToAsk(table: Table, used: string[]): string[] {
    const { path } = table.plan
    const far = used.filter((name) => !table.columns.has(name.split('.')[0] ?? ''))
    const known = (id: string) => this.values.row(path, id) !== undefined
    if (this.touched.all || far.some((name) => this.touched.names.has(name))) {
      return this.values.rows(path).map((row, at) => this.values.idOf(row, at))
    }
    return [...(this.touched.rows.get(path) ?? [])].filter(known)
  }

  private prepared(plan: CheckPlan): Checked {
    const [name = '', way = ''] = (plan.over ?? '').split(':')
    const table = plan.over ? this.form.table(`/${name}`) : null
    return {
      plan,
      verdict: verdict(plan.tree),
      tolerance: decimal(plan.tolerance) ?? ZERO,
      table,
      way: !table ? 'once' : way === 'rows' ? 'rows' : 'columns',
      failed: new Map(),
    }
  }
}

/** A result rounded to what its item takes, half up. */
function settled(plan: ComputePlan, value: Value): Value {
  if (value instanceof Day) return value.toString()
  if (!(value instanceof Decimal) || plan.places === null) return value
  return rounded(value, whole(plan.places)) ?? value
}

function same(before: Raw, after: Value): boolean {
  if (before === undefined || before === null) return after === null
  return String(before) === String(after) && typeof before === 'boolean' === (typeof after === 'boolean')
}
