// For the tests alone: what the page computes and checks of a document, after the same changes as the server's.

import { Live } from '../src/live/live'
import type { Plan, Surroundings } from '../src/live/plan'
import { Teller } from '../src/live/told'
import { Decimal } from '../src/formula/decimal'
import { decoded, type Value } from '../src/formula/values'

interface Story {
  plan: Plan
  around: Surroundings
  /** Cells that change one after the other; the page settles after each. */
  changes: [string, unknown][]
  added: [string, string][]
  removed: [string, string][]
}

function plain(value: Value): unknown {
  return value instanceof Decimal ? { number: value.toString() } : value
}

export function answers(line: string): string {
  const { plan, around, changes, added, removed } = JSON.parse(line) as Story
  const live = new Live(plan, around)
  const computed = new Map<string, Value>()
  const settle = () => live.settle().forEach((value, path) => computed.set(path, value))
  settle()
  for (const [table, row] of added) {
    live.addRow(table, row)
    settle()
  }
  for (const [path, value] of changes) {
    live.put(path, decoded(value))
    settle()
  }
  for (const [table, row] of removed) {
    live.removeRow(table, row)
    settle()
  }
  const teller = new Teller(live)
  return JSON.stringify({
    computed: Object.fromEntries([...computed].map(([path, value]) => [path, plain(value)])),
    failures: live.failures().map((one) => teller.told(one)),
  })
}
