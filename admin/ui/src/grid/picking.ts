// Columns of a sheet that are picked: organisations, people and accounts, and codes of long lists. While a cell is typed
// into, what fits is offered; what is pasted by name is asked of the server first, and what it cannot tell is said.

import type { Text } from '../fill/cells'
import { fits } from '../fill/tree'
import type { Hit } from './called'
import type { ColumnData, Option } from './data'
import { Lookup } from './lookup'
import { Offers } from './offers'
import type { Sheet } from './sheet'

/** A longer list is sought in, not scrolled through. */
const SHORT_LIST = 20
const MOST = 60
const NAMED = 3

export class Picking {
  private readonly offers: Offers
  private readonly lookup: Lookup
  private readonly trails = new Map<ColumnData, string[]>()
  private row = 0
  private column = 0

  constructor(
    holder: HTMLElement,
    input: HTMLTextAreaElement,
    id: string,
    documentId: string,
    private readonly sheet: Sheet,
    private readonly t: Text,
    private readonly say: (text: string) => void,
    private readonly tell: (text: string) => void,
    /** Something was chosen: the cell is no longer typed into. */
    private readonly chosen: () => void,
    private readonly changed: () => void,
  ) {
    this.lookup = new Lookup(documentId)
    this.offers = new Offers(holder, input, id, (count) => this.tell(this.t('grid.js.offered', { n: count })), (hit) => this.choose(hit))
  }

  /** Whether a column is sought in while it is typed into. */
  offered(column: ColumnData | undefined): boolean {
    if (!column || column.type === 'choices') return false
    return column.pick !== '' || column.tree || column.options.length > SHORT_LIST
  }

  get open(): boolean {
    return this.offers.open
  }

  begin(row: number, column: number, label: string): void {
    const type = this.sheet.columns[column]
    if (!type || !this.offered(type)) return
    this.row = row
    this.column = column
    this.offers.begin(type.pick ? (words) => this.people(type, words) : (words) => this.codes(type, words), label)
  }

  end(): void {
    this.offers.end()
  }

  place(): void {
    this.offers.place()
  }

  /** A key while a list is open; false where it means something else. */
  key(name: string): boolean {
    if (!this.offers.open) return false
    if (name === 'ArrowDown' || name === 'ArrowUp') {
      this.offers.move(name === 'ArrowDown' ? 1 : -1)
      return true
    }
    return (name === 'Enter' || name === 'Tab') && this.offers.take()
  }

  /** Asks whom the names of a block mean; nothing where it holds none that are unknown. */
  ask(row: number, column: number, block: string[][]): Promise<void> | null {
    const waiting: Promise<boolean>[] = []
    for (const [at, words] of this.named(column, block)) {
      const called = this.sheet.columns[at]?.called
      if (called && called.unknown(words).length) waiting.push(this.lookup.resolve(this.somewhere(row, at), called, words))
    }
    if (!waiting.length) return null
    return Promise.all(waiting).then((done) => {
      if (done.includes(false)) this.say(this.t('fill.js.pick.offline'))
    })
  }

  /** What of a block could not be told: who is called so more than once, and who is nobody. */
  untold(column: number, block: string[][]): string[] {
    const several: string[] = []
    const nobody: string[] = []
    for (const [at, words] of this.named(column, block)) {
      const called = this.sheet.columns[at]?.called
      for (const one of new Set(words)) {
        const hits = called?.several(one) ?? []
        if (hits.length) several.push(this.t('grid.js.several', { words: one, n: hits.length }))
        else if (called?.value(one) === undefined) nobody.push(one)
      }
    }
    const rest = nobody.length > NAMED ? '…' : ''
    return [...several.slice(0, NAMED), ...(nobody.length ? [this.t('grid.js.nobody', { words: nobody.slice(0, NAMED).join('、') + rest })] : [])]
  }

  private *named(column: number, block: string[][]): Generator<[number, string[]]> {
    const width = Math.max(0, ...block.map((line) => line.length))
    for (let right = 0; right < width; right += 1) {
      if (!this.sheet.columns[column + right]?.called) continue
      yield [column + right, block.map((line) => (line[right] ?? '').trim()).filter(Boolean)]
    }
  }

  /** A cell of the column, for the server to know which column is meant. */
  private somewhere(row: number, column: number): string {
    const { rows, data } = this.sheet
    const id = rows[Math.min(row, rows.length - 1)]?.id ?? 'new'
    return `${data.path}/${id}/${this.sheet.columns[column]?.name ?? ''}`
  }

  private async people(column: ColumnData, words: string): Promise<Hit[] | string> {
    const now = this.sheet.text(this.row, this.column)
    const sought = words === now ? '' : words
    if (!sought && column.pick !== 'organisation') return []
    const found = await this.lookup.candidates(this.sheet.path(this.row, this.column), sought)
    if (found === null) return this.t('fill.js.pick.offline')
    return found.length ? found : this.t('fill.js.pick.none')
  }

  private codes(column: ColumnData, words: string): Hit[] {
    const sought = words.toLowerCase()
    const trails = this.trailsOf(column)
    const found = column.options.flatMap((one, at) => {
      const rank = one.leads ? 0 : sought ? fits({ spelt: '', ...one }, sought) : 1
      return rank ? [{ one, at, rank }] : []
    })
    found.sort((a, b) => b.rank - a.rank || a.at - b.at)
    return found.slice(0, MOST).map(({ one, at }) => ({ value: one.value, label: column.tree ? `${one.value} ${one.label}` : one.label, note: trails[at] ?? '' }))
  }

  private trailsOf(column: ColumnData): string[] {
    const there = this.trails.get(column)
    if (there) return there
    const above: Option[] = []
    const made = column.options.map((one) => {
      above.length = one.depth ?? 0
      const trail = above.slice(-2).map((higher) => higher.label).join(' › ')
      above[one.depth ?? 0] = one
      return trail
    })
    this.trails.set(column, made)
    return made
  }

  private choose(hit: Hit): void {
    const path = this.sheet.path(this.row, this.column)
    const type = this.sheet.columns[this.column]
    this.offers.end()
    this.chosen()
    type?.called?.learn(hit)
    this.sheet.set([[path, hit.value]])
    this.changed()
    if (type?.pick === 'person') void this.bring(path, hit.value)
  }

  /** What the register knows of a picked person goes into the cells beside. */
  private async bring(path: string, person: string): Promise<void> {
    const count = this.sheet.set(await this.lookup.beside(path, person))
    if (!count) return
    this.say(this.t('grid.js.brought', { n: count }))
    this.changed()
  }
}
