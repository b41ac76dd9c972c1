// A document as formulas see it from one row or one column of a table, as forms/checks/environment.py has it.

import { reach } from '../formula/document'
import type { Environment, Path } from '../formula/evaluate'
import type { Aggregate } from '../formula/tree'
import { isMapping, type Day, type Mapping, type Raw } from '../formula/values'
import type { Table } from './plan'
import { inside, type Values } from './values'

/** Names that mean cells near by, with the paths of those cells. */
export interface Near {
  has(name: string): boolean
  get(name: string): string | undefined
}

/** The cells of one row of a floating table; a table of thousands of rows makes thousands of these. */
class InRow implements Near {
  constructor(
    private readonly path: string,
    private readonly columns: ReadonlyMap<string, number>,
  ) {}

  has(name: string): boolean {
    return this.columns.has(name)
  }

  get(name: string): string | undefined {
    return this.columns.has(name) ? `${this.path}/${name}` : undefined
  }
}

export class View implements Environment {
  constructor(
    private readonly values: Values,
    /** Of the row, or of the table when the view is a column. */
    readonly path: string,
    readonly near: Near,
    private readonly cells: Mapping,
    private readonly before: Mapping,
    private readonly longAgo: Mapping,
    readonly place: string,
  ) {}

  get today(): Day | null {
    return this.values.document.today
  }

  value(path: Path): Raw {
    return this.near.has(path[0] ?? '') ? reach(this.cells, path) : this.values.document.value(path)
  }

  last(path: Path): Raw {
    return this.near.has(path[0] ?? '') ? reach(this.before, path) : this.values.document.last(path)
  }

  yearAgo(path: Path): Raw {
    return this.near.has(path[0] ?? '') ? reach(this.longAgo, path) : this.values.document.yearAgo(path)
  }

  aggregate(question: Aggregate): Raw {
    return this.values.document.aggregate(question)
  }
}

const mapping = (raw: Raw): Mapping => (isMapping(raw) ? raw : {})

/** The view from one row of a floating table; `place` tells the row in words. */
export function floatingRow(values: Values, table: Table, id: string, place: string): View {
  const path = `${table.plan.path}/${id}`
  const row = values.row(table.plan.path, id) ?? {}
  const { before, yearAgo } = values.counterparts(table, row)
  return new View(values, path, new InRow(path, table.columns), row, before, yearAgo, place)
}

/** The view from one row of a fixed table; null when all its cells are closed. */
export function fixedRow(values: Values, table: Table, name: string): View | null {
  const path = `${table.plan.path}/${name}`
  const near = new Map<string, string>()
  for (const column of table.plan.columns) {
    if (table.kindAt(name, column.name) !== null) near.set(column.name, `${path}/${column.name}`)
  }
  if (!near.size) return null
  const document = values.document
  const place = table.plan.rows[table.rows.get(name) ?? -1]?.label ?? ''
  return new View(
    values,
    path,
    near,
    mapping(inside(document.values, path)),
    mapping(inside(document.lastPeriod, path)),
    mapping(inside(document.longAgo, path)),
    place,
  )
}

/** The view from one column of a fixed table: its rows, by name and by code. */
export function column(values: Values, table: Table, name: string): View {
  const near = new Map<string, string>()
  for (const row of table.plan.rows) {
    if (table.kindAt(row.name, name) === null) continue
    for (const called of [row.name, row.code]) if (called) near.set(called, `${table.plan.path}/${row.name}/${name}`)
  }
  const document = values.document
  const cells = (root: Mapping) => {
    const found = Object.create(null) as Record<string, Raw>
    for (const [called, path] of near) found[called] = inside(root, path)
    return found
  }
  const { columns } = table.plan
  const place = columns.length > 1 ? (columns[table.columns.get(name) ?? -1]?.label ?? '') : '' // nothing to tell it from
  return new View(values, table.plan.path, near, cells(document.values), cells(document.lastPeriod), cells(document.longAgo), place)
}

