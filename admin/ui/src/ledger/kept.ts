// What somebody typed into cells of a ledger and the server has not yet acknowledged. Each cell has an entry of its
// own in localStorage, under the person's id: two windows do not overwrite each other, and whoever logs in next on the
// same machine neither sees nor sends what another one typed.

import type { Json } from '../fill/queue'
import type { Sendable } from '../fill/saver'
import type { CellNow } from './table'

export const STORE = 'yibiao-ledger'

/** A cell to be changed, as the server takes it. */
export interface Edit {
  row: string
  column: string
  value: Json
  /** The stamp it had when the person looked at it: an older visit keeps its own, so conflicts still show. */
  seen: number
  reason: string
  /** They have seen what somebody else wrote, and want theirs. */
  over: boolean
}

export interface Edits {
  edits: [Edit]
}

export interface Kept extends Edit {
  /** typed: not yet saved by a press; waiting: to be sent; clash and refused: somebody has to decide. */
  state: 'typed' | 'waiting' | 'clash' | 'refused'
  ledger: string
  title: string
  label: string
  /** The value as people read it. */
  shown: string
  /** Who wrote meanwhile and what, or why it was refused. */
  by: string
  told: string
  at: number
}

export interface Outcome extends CellNow {
  kind: 'saved' | 'same' | 'proposed' | 'clash' | 'refused'
  text?: string
}

export interface Outcomes {
  outcomes: Outcome[]
}

const same = (one: Json, other: Json) => JSON.stringify(one) === JSON.stringify(other)

/** Sent one by one: a cell that is refused does not hold up the others. */
export class KeptCells implements Sendable<Edits, Outcomes> {
  private readonly cells = new Map<string, Kept>()
  private readonly prefix: string

  constructor(person: string, ledger: string, changed: () => void) {
    this.prefix = `${STORE}:${person}:${ledger}:`
    this.load()
    window.addEventListener('storage', (event) => {
      if (!event.key?.startsWith(this.prefix)) return
      this.load()
      changed()
    })
  }

  get all(): Kept[] {
    return [...this.cells.values()].sort((one, other) => one.at - other.at)
  }

  at(row: string, column: string): Kept | undefined {
    return this.cells.get(`${row}:${column}`)
  }

  keep(one: Kept): void {
    this.cells.set(`${one.row}:${one.column}`, one)
    try {
      localStorage.setItem(`${this.prefix}${one.row}:${one.column}`, JSON.stringify(one))
    } catch {
      // Storage may be full or forbidden; the copy in memory still goes to the server.
    }
  }

  drop(one: Kept): void {
    this.cells.delete(`${one.row}:${one.column}`)
    try {
      localStorage.removeItem(`${this.prefix}${one.row}:${one.column}`)
    } catch {
      // as above
    }
  }

  get size(): number {
    return this.all.filter((one) => one.state === 'waiting').length
  }

  snapshot(): Edits {
    const { row, column, value, seen, reason, over } = this.all.find((one) => one.state === 'waiting') as Kept
    return { edits: [{ row, column, value, seen, reason, over }] }
  }

  acknowledge({ edits: [sent] }: Edits, { outcomes }: Outcomes): void {
    const now = this.at(sent.row, sent.column)
    const outcome = outcomes[0]
    if (!now || !outcome) return
    if (outcome.kind === 'refused') return this.refuse({ edits: [sent] }, outcome.text ?? '')
    if (outcome.kind === 'clash') this.keep({ ...now, state: 'clash', seen: outcome.stamp, by: outcome.by, told: outcome.display })
    else if (same(now.value, sent.value)) this.drop(now)
    else this.keep({ ...now, seen: outcome.stamp })
  }

  refuse({ edits: [sent] }: Edits, reason: string): void {
    const now = this.at(sent.row, sent.column)
    if (now && same(now.value, sent.value)) this.keep({ ...now, state: 'refused', told: reason })
  }

  private load(): void {
    this.cells.clear()
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(this.prefix)) continue
        const one = JSON.parse(localStorage.getItem(key) ?? 'null') as Kept | null
        if (one) this.cells.set(`${one.row}:${one.column}`, one)
      }
    } catch {
      // Without storage there is only what this window remembers.
    }
  }
}
