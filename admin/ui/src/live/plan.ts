// What the server tells the page of a form and a document (forms/live.py), and a cell found by its path.

import type { Tree } from '../formula/tree'

export type Severity = 'error' | 'gated' | 'explain'

export interface Kind {
  type: string
  format: string | null
  locked: boolean
  computed: boolean
  required: boolean
  places: number | null
  minimum?: unknown
  maximum?: unknown
  exclusiveMinimum?: unknown
  exclusiveMaximum?: unknown
  minLength?: number
  maxLength?: number
}

export interface TablePlan {
  path: string
  floating: boolean
  label: string
  key: string | null
  columns: { name: string; label: string }[]
  rows: { name: string; code: string; label: string }[]
  /** Kinds by row and column, or by column where rows come and go; null is a closed cell. */
  cells: (number | null)[][] | (number | null)[]
}

export interface ComputePlan {
  path: string
  table: string | null
  row: string | null
  column: string | null
  places: number | null
  tree: Tree
  used: string[]
}

export interface CheckPlan {
  code: string
  severity: Severity
  over: string | null
  tolerance: string
  text: string
  formula: string
  tree: Tree
  used: string[]
  previous: string[]
}

export interface ConditionPlan {
  kind: string
  path: string
  table: string | null
  row: string | null
  /** The choice it is about. */
  value: string
  tree: Tree
}

export interface Plan {
  language: string
  kinds: Kind[]
  items: { path: string; label: string; kind: number }[]
  tables: TablePlan[]
  labels: Record<string, string>
  computes: ComputePlan[]
  checks: CheckPlan[]
  conditions: ConditionPlan[]
  texts: Record<string, string>
}

export interface Surroundings {
  today: string | null
  this: string | null
  values: unknown
  last_period: unknown
  year_ago: unknown
  registers: [Tree, unknown][]
}

/** One cell as the form knows it. */
export interface Spot {
  path: string
  label: string
  kind: Kind
  table: Table | null
  row: string
  column: string
  rowLabel: string
}

export class Table {
  readonly columns: ReadonlyMap<string, number>
  readonly rows: ReadonlyMap<string, number>

  constructor(readonly plan: TablePlan) {
    this.columns = new Map(plan.columns.map((column, at) => [column.name, at]))
    this.rows = new Map(plan.rows.map((row, at) => [row.name, at]))
  }

  /** The number of a cell's kind; null where the form asks for nothing. */
  kindAt(row: string, column: string): number | null {
    const at = column === '' ? 0 : this.columns.get(column)
    if (at === undefined) return null
    if (this.plan.floating) return (this.plan.cells as (number | null)[])[at] ?? null
    const line = this.rows.get(row)
    return line === undefined ? null : ((this.plan.cells as (number | null)[][])[line]?.[at] ?? null)
  }
}

export class Form {
  readonly tables: readonly Table[]
  private readonly items: ReadonlyMap<string, Plan['items'][number]>
  private readonly byPath: ReadonlyMap<string, Table>

  constructor(readonly plan: Plan) {
    this.tables = plan.tables.map((one) => new Table(one))
    this.items = new Map(plan.items.map((item) => [item.path, item]))
    this.byPath = new Map(this.tables.map((table) => [table.plan.path, table]))
  }

  table(path: string): Table | null {
    return this.byPath.get(path) ?? null
  }

  spot(path: string): Spot | null {
    const item = this.items.get(path)
    const kind = item && this.plan.kinds[item.kind]
    if (item && kind) return { path, label: item.label, kind, table: null, row: '', column: '', rowLabel: '' }
    const [head, last] = cut(path)
    const [above, row] = cut(head)
    const table = this.byPath.get(above)
    if (table) return this.inTable(path, table, row, last)
    const single = this.byPath.get(head)
    return single && !single.plan.columns.length ? this.inTable(path, single, last, '') : null
  }

  private inTable(path: string, table: Table, row: string, column: string): Spot | null {
    const number = table.kindAt(row, column)
    const kind = number === null ? undefined : this.plan.kinds[number]
    if (!kind) return null
    const written = table.plan.columns[table.columns.get(column) ?? -1]?.label
    const rowLabel = table.plan.rows[table.rows.get(row) ?? -1]?.label ?? ''
    const pattern = table.plan.floating ? `${table.plan.path}/*/${column}` : path
    const label = this.plan.labels[pattern] ?? written ?? rowLabel
    return { path, label, kind, table, row, column, rowLabel }
  }

  /** Every item outside of tables. */
  get paths(): string[] {
    return [...this.items.keys()]
  }

  /** What people call a cell or table, the row told too. */
  nameOf(path: string): string {
    const spot = this.spot(path)
    if (!spot) return this.table(path)?.plan.label ?? cut(path)[1]
    return spot.column && spot.rowLabel ? `${spot.rowLabel} · ${spot.label}` : spot.label
  }
}

/** A path without its last step, and that step. */
export function cut(path: string): [string, string] {
  const at = path.lastIndexOf('/')
  return [path.slice(0, Math.max(at, 0)), path.slice(at + 1)]
}

/** `crops.r01.area` of `/crops/r01/area`. */
export function dotted(path: string): string {
  return path.split('/').filter((step) => step && step !== '*').join('.')
}

/** Whether a cell, or what it stands in, is among these. */
export function under(path: string, these: ReadonlySet<string>): boolean {
  for (let here = path; here; here = here.slice(0, Math.max(here.lastIndexOf('/'), 0))) if (these.has(here)) return true
  return false
}
