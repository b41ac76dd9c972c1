// What the filler has typed and the server has not yet acknowledged. It lives in localStorage, so a killed browser
// or a dead network loses nothing; an entry leaves only when the server has answered for exactly that value.

/** An answer in place of a value: unknown, inapplicable or refused. */
export interface Absent {
  absent: string
}
export type Json = string | number | boolean | null | Absent | Json[]

const MOST_CHANGES = 5_000

export interface Pending {
  /** The revision that the filler saw when typing; an older visit keeps its own, so conflicts still show. */
  revision: number
  /** Which window this is: the same person in two windows is two. What a killed window left keeps its name. */
  visit: string
  /** Which version of the form the filler saw: the document may be on a newer one by now. */
  version: number
  changes: Record<string, Json>
  confirm: string[]
  explain: Record<string, string>
  rows: Record<string, { add: string[]; remove: string[] }>
}

const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (one) => one.toString(16).padStart(2, '0')).join('')

export class Queue {
  private pending: Pending

  constructor(
    private readonly key: string,
    revision: number,
    private readonly version = 0,
  ) {
    this.pending = this.read(revision)
  }

  /** What an earlier visit left was typed into an older version of the form: the server knows where it goes. */
  get older(): boolean {
    return this.size > 0 && this.pending.version > 0 && this.pending.version < this.version
  }

  get size(): number {
    const { changes, confirm, explain, rows } = this.pending
    return Object.keys(changes).length + confirm.length + Object.keys(explain).length + Object.keys(rows).length
  }

  get revision(): number {
    return this.pending.revision
  }

  get changes(): Readonly<Record<string, Json>> {
    return this.pending.changes
  }

  get rows(): Readonly<Pending['rows']> {
    return this.pending.rows
  }

  /** The server is at a revision that this page made; it knows all of it if nothing else came between. */
  seen(revision: number): void {
    if (!this.size && revision === this.pending.revision + 1) this.pending.revision = revision
  }

  change(path: string, value: Json): void {
    this.pending.changes[path] = value
    this.write()
  }

  changeAll(changes: [string, Json][]): void {
    for (const [path, value] of changes) this.pending.changes[path] = value
    this.write()
  }

  forget(path: string): void {
    delete this.pending.changes[path]
    this.write()
  }

  confirm(path: string): void {
    if (!this.pending.confirm.includes(path)) this.pending.confirm.push(path)
    this.write()
  }

  explain(check: string, text: string): void {
    this.pending.explain[check] = text
    this.write()
  }

  addRow(table: string, row: string): void {
    this.rowsOf(table).add.push(row)
    this.write()
  }

  removeRow(table: string, row: string): void {
    const rows = this.rowsOf(table)
    const fresh = rows.add.indexOf(row)
    if (fresh >= 0) rows.add.splice(fresh, 1)
    else rows.remove.push(row)
    for (const path of Object.keys(this.pending.changes)) {
      if (path.startsWith(`${table}/${row}/`)) delete this.pending.changes[path]
    }
    this.write()
  }

  /** A removed row comes back: its removal is forgotten, or, where it was sent already, the row is added again. */
  restoreRow(table: string, row: string): void {
    const rows = this.rowsOf(table)
    const gone = rows.remove.indexOf(row)
    if (gone >= 0) rows.remove.splice(gone, 1)
    else if (!rows.add.includes(row)) rows.add.push(row)
    if (!rows.add.length && !rows.remove.length) delete this.pending.rows[table]
    this.write()
  }

  /** What goes into one request; what is more follows in the next. */
  snapshot(): Pending {
    const changes = Object.fromEntries(Object.entries(this.pending.changes).slice(0, MOST_CHANGES))
    return JSON.parse(JSON.stringify({ ...this.pending, changes })) as Pending
  }

  acknowledge(sent: Pending, { revision }: { revision: number }): void {
    this.pending.revision = revision
    if (sent.version === this.pending.version) this.pending.version = this.version
    const { changes, explain } = this.pending
    for (const [path, value] of Object.entries(sent.changes)) {
      if (JSON.stringify(changes[path]) === JSON.stringify(value)) delete changes[path]
    }
    for (const [check, text] of Object.entries(sent.explain)) {
      if (explain[check] === text) delete explain[check]
    }
    this.pending.confirm = this.pending.confirm.filter((path) => !sent.confirm.includes(path))
    for (const [table, rows] of Object.entries(sent.rows)) {
      const mine = this.pending.rows[table]
      if (!mine) continue
      mine.add = mine.add.filter((row) => !rows.add.includes(row))
      mine.remove = mine.remove.filter((row) => !rows.remove.includes(row))
      if (!mine.add.length && !mine.remove.length) delete this.pending.rows[table]
    }
    this.write()
  }

  private rowsOf(table: string): { add: string[]; remove: string[] } {
    return (this.pending.rows[table] ??= { add: [], remove: [] })
  }

  private read(revision: number): Pending {
    const empty: Pending = { revision, visit: fresh(), version: this.version, changes: {}, confirm: [], explain: {}, rows: {} }
    try {
      return { ...empty, ...(JSON.parse(localStorage.getItem(this.key) ?? '{}') as Partial<Pending>) }
    } catch {
      return empty
    }
  }

  private write(): void {
    try {
      if (this.size) localStorage.setItem(this.key, JSON.stringify(this.pending))
      else localStorage.removeItem(this.key)
    } catch {
      // Storage may be full or forbidden; the copy in memory still goes to the server.
    }
  }
}
