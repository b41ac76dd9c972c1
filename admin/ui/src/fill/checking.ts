// Computes and checks on the fill page while somebody types. The live part is loaded only where the browser has exact
// numbers (BigInt); elsewhere the server's answers after each save are all there is. The server stays the judge.

import type { Raw } from '../formula/values'
import type { Applied, Conditions } from '../live/conditions'
import type { Live } from '../live/live'
import type { Plan, Spot, Surroundings } from '../live/plan'
import type { Teller, Told } from '../live/told'
import type { Problem } from './cells'
import type { Json } from './queue'

const QUIET = 350
const SAFE_DIGITS = 15

interface Parts {
  live: Live
  conditions: Conditions
  teller: Teller
  wrong: typeof import('../live/limits').wrong
  asTyped: typeof import('../live/limits').asTyped
  grouped: typeof import('../live/limits').grouped
  decoded: typeof import('../formula/values').decoded
}

export class Checking {
  private parts: Parts | null = null
  private waiting: ((parts: Parts) => void)[] = []
  private timer = 0
  private frame = 0
  private looked = false
  private server: Problem[] = []
  /** Cells typed into since the server's last word; what it said of their kind and limits is out of date. */
  private readonly typed = new Map<string, Told | null>()

  constructor(
    private readonly onComputed: (path: string, display: string) => void,
    private readonly onProblems: (problems: Problem[]) => void,
    private readonly onApplied: (told: Applied) => void,
  ) {}

  /** Starts from the data in the page, if it is there. */
  async start(): Promise<void> {
    const data = document.getElementById('live-form')?.textContent
    if (!data || typeof BigInt === 'undefined') return
    const [{ Live }, { Conditions }, { Teller }, limits, { decoded }] = await Promise.all([
      import('../live/live'),
      import('../live/conditions'),
      import('../live/told'),
      import('../live/limits'),
      import('../formula/values'),
    ])
    const { plan, around } = JSON.parse(data) as { plan: Plan; around: Surroundings }
    const live = new Live(plan, around)
    const conditions = new Conditions(live, plan.conditions)
    this.parts = { live, conditions, teller: new Teller(live), wrong: limits.wrong, asTyped: limits.asTyped, grouped: limits.grouped, decoded }
    // what conditions hide must not be seen first; without them computing can wait until the page is painted
    if (conditions.any || this.waiting.length) this.look()
  }

  /** Computes and checks the document as it came: the server has done both, so nothing is told of what it computed. */
  look(): void {
    if (!this.parts) return
    this.first(this.parts)
    for (const one of this.waiting.splice(0)) one(this.parts)
    this.tell()
  }

  get running(): boolean {
    return this.parts !== null
  }

  rowIds(table: string): string[] {
    const values = this.parts?.live.values
    return values ? values.rows(table).map((row, at) => values.idOf(row, at)) : []
  }

  spot(path: string): Spot | null {
    return this.parts?.live.form.spot(path) ?? null
  }

  raw(path: string): Raw {
    return this.parts?.live.values.get(path)
  }

  /** A value as the queue carries it: exact, as text where a double could not hold it. */
  json(path: string): Json {
    const raw = this.raw(path)
    if (raw === null || raw === undefined) return null
    if (typeof raw !== 'object') return raw
    if (Array.isArray(raw)) return raw as Json[]
    if ('absent' in raw) return { absent: String(raw.absent) }
    const text = String(raw)
    return 'digits' in raw && text.replace(/\D/g, '').length <= SAFE_DIGITS ? Number(text) : text
  }

  /** What the live document says a cell is called. */
  nameOf(path: string): string {
    return this.parts?.live.form.nameOf(path) ?? path
  }

  valueOf(path: string): string {
    const raw = this.parts?.live.values.get(path)
    const plain = raw === null || raw === undefined || (typeof raw === 'object' && !('digits' in raw))
    return plain ? '' : String(raw)
  }

  change(path: string, value: Json): void {
    this.with((parts) => {
      const spot = parts.live.form.spot(path)
      const raw: Raw = spot ? parts.asTyped(spot.kind, parts.decoded(value)) : parts.decoded(value)
      parts.conditions.typed(path)
      parts.live.put(path, raw)
      this.typed.set(path, spot ? parts.wrong(parts.live.form, spot, raw) : null)
    })
  }

  addRow(table: string, row: string, at?: number): void {
    this.with(({ live }) => live.addRow(table, row, at))
  }

  removeRow(table: string, row: string): void {
    this.with(({ live }) => live.removeRow(table, row))
  }

  /** The server has spoken: its word stands, except for what was typed since. */
  answered(problems: Problem[], everything: boolean): void {
    this.server = problems
    if (everything) this.typed.clear()
    if (everything || !this.parts) this.onProblems(problems)
    else this.tell()
  }

  /** What the page was delivered with. */
  begin(problems: Problem[]): void {
    this.server = problems
  }

  private with(act: (parts: Parts) => void): void {
    if (!this.parts) {
      this.waiting.push(act)
      return
    }
    this.first(this.parts)
    act(this.parts)
    window.cancelAnimationFrame(this.frame)
    this.frame = window.requestAnimationFrame(() => this.settle())
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.tell(), QUIET)
  }

  private first(parts: Parts): void {
    if (!this.looked) parts.live.settle()
    this.looked = true
  }

  private settle(): void {
    if (!this.parts) return
    const { live, conditions, grouped } = this.parts
    const settle = () => live.settle().forEach((value, path) => this.onComputed(path, value === null ? '' : grouped(String(value))))
    if (conditions.any) this.onApplied(conditions.apply(settle))
    else settle()
  }

  private tell(): void {
    if (!this.parts) return
    this.settle()
    const { live, teller } = this.parts
    const kept = this.server.filter((one) => !one.code?.startsWith('check.') && !this.typed.has(one.path))
    const own = [...this.typed.values()].filter((one): one is Told => one !== null)
    this.onProblems([...kept, ...own, ...live.failures().map((one) => teller.told(one))])
  }
}
