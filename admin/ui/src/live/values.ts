// The values of the document while it is being filled: a tree that changes in place, rows found by their identity.

import { FormulaDocument } from '../formula/document'
import type { Tree } from '../formula/tree'
import { Day, decoded, isMapping, valueOf, type Mapping, type Raw } from '../formula/values'
import { cut, type Form, type Surroundings, type Table } from './plan'

export type Row = Record<string, Raw>
const ROW_ID = '_id'

export class Values {
  readonly root: Row
  readonly document: FormulaDocument
  private readonly rowsById = new Map<string, Map<string, Row>>()
  private readonly other: { before: Map<string, Map<Raw, Mapping>>; yearAgo: Map<string, Map<Raw, Mapping>> }

  constructor(
    private readonly form: Form,
    around: Surroundings,
  ) {
    this.root = decoded(around.values) as Row
    const before = decoded(around.last_period ?? {}) as Mapping
    const yearAgo = decoded(around.year_ago ?? {}) as Mapping
    const known = new Map(around.registers.map(([question, value]) => [JSON.stringify(question), decoded(value)]))
    this.document = new FormulaDocument(
      this.root,
      around.today ? Day.parse(around.today) : null,
      around.this,
      before,
      yearAgo,
      (question) => valueOf(known.get(JSON.stringify(question as Tree)) ?? null),
    )
    this.other = { before: new Map(), yearAgo: new Map() }
    for (const table of form.tables) if (table.plan.floating) this.index(table, before, yearAgo)
  }

  get(path: string): Raw {
    const [head, last] = cut(path)
    return this.holder(head, false)?.[last]
  }

  put(path: string, value: Raw): void {
    const [head, last] = cut(path)
    const holder = this.holder(head, true)
    if (!holder) return
    if (value === null || value === undefined || value === '') delete holder[last]
    else holder[last] = value
  }

  rows(table: string): Row[] {
    const found = this.holder(table, false) as unknown
    return Array.isArray(found) ? (found as Row[]) : []
  }

  row(table: string, id: string): Row | undefined {
    return this.rowsById.get(table)?.get(id)
  }

  idOf(row: Row, index: number): string {
    const own = row[ROW_ID]
    return typeof own === 'string' ? own : String(index)
  }

  /** A new row, at the end or at a place. */
  addRow(table: string, id: string, at?: number): Row {
    const [head, last] = cut(table)
    const holder = this.holder(head, true) ?? this.root
    if (!Array.isArray(holder[last])) holder[last] = []
    const rows = holder[last] as unknown as Row[]
    const row = Object.create(null) as Row
    row[ROW_ID] = id
    rows.splice(at ?? rows.length, 0, row)
    this.rowsById.get(table)?.set(id, row)
    return row
  }

  removeRow(table: string, id: string): void {
    const rows = this.rows(table)
    const row = this.row(table, id)
    const at = row ? rows.indexOf(row) : -1
    if (at >= 0) rows.splice(at, 1)
    this.rowsById.get(table)?.delete(id)
  }

  /** The same row in another period: by its natural key, or else by its identity. */
  counterparts(table: Table, row: Row): { before: Mapping; yearAgo: Mapping } {
    const key = keyOf(table, row)
    return {
      before: this.other.before.get(table.plan.path)?.get(key) ?? {},
      yearAgo: this.other.yearAgo.get(table.plan.path)?.get(key) ?? {},
    }
  }

  private index(table: Table, before: Mapping, yearAgo: Mapping): void {
    const { path } = table.plan
    const known = new Map<string, Row>()
    this.rows(path).forEach((row, at) => known.set(this.idOf(row, at), row))
    this.rowsById.set(path, known)
    for (const [kept, values] of [[this.other.before, before], [this.other.yearAgo, yearAgo]] as const) {
      const rows = inside(values, path)
      const listed = Array.isArray(rows) ? (rows as readonly Raw[]).filter(isMapping) : []
      kept.set(path, new Map(listed.map((row) => [keyOf(table, row), row])))
    }
  }

  private holder(path: string, make: boolean): Row | undefined {
    if (!path) return this.root
    const [head, last] = cut(path)
    const table = this.form.table(head)
    if (table?.plan.floating) return this.row(head, last)
    const above = this.holder(head, make)
    if (!above) return undefined
    if (above[last] === undefined && make) above[last] = Object.create(null) as Row
    return above[last] as Row | undefined
  }
}

export function inside(values: Raw, path: string): Raw {
  let here: Raw = values
  for (const step of path.split('/').slice(1)) here = isMapping(here) ? here[step] : undefined
  return here
}

function keyOf(table: Table, row: Mapping): Raw {
  const natural = table.plan.key ? row[table.plan.key] : null
  return typeof natural === 'string' && natural ? natural : row[ROW_ID]
}
