// What has changed since the last look: names as formulas read them, and rows of floating tables.

import { dotted, type Form, type Spot } from './plan'

export class Touched {
  readonly names = new Set<string>()
  readonly rows = new Map<string, Set<string>>()
  /** Everything is to be looked at: the document was just opened. */
  all = false

  get any(): boolean {
    return this.all || this.names.size > 0
  }

  cell(form: Form, path: string): void {
    const spot = form.spot(path)
    if (spot?.table?.plan.floating) this.inRow(spot, spot.row)
    else this.below(path)
    if (spot?.table && !spot.table.plan.floating && spot.column) this.names.add(`${dotted(spot.table.plan.path)}.${spot.column}`)
  }

  /** A row came or went: every column of its table reads otherwise. */
  row(form: Form, table: string, id: string): void {
    this.below(table)
    const found = form.table(table)
    for (const column of found?.plan.columns ?? []) this.names.add(`${dotted(table)}.${column.name}`)
    this.rowsOf(table).add(id)
  }

  clear(): void {
    this.names.clear()
    this.rows.clear()
    this.all = false
  }

  private inRow(spot: Spot, row: string): void {
    const table = spot.table?.plan.path ?? ''
    this.below(table)
    this.names.add(`${dotted(table)}.${spot.column}`)
    this.rowsOf(table).add(row)
  }

  private below(path: string): void {
    const steps = dotted(path).split('.')
    for (let count = 1; count <= steps.length; count += 1) this.names.add(steps.slice(0, count).join('.'))
  }

  private rowsOf(table: string): Set<string> {
    const found = this.rows.get(table) ?? new Set<string>()
    this.rows.set(table, found)
    return found
  }
}
