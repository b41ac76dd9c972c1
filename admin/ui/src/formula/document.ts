// The plain values of a document as an environment for formulas, as engine/formula/document.py.

import { aggregated, own, type Environment, type Path } from './evaluate'
import type { Aggregate } from './tree'
import { isMapping, isRow, type Day, type Mapping, type Raw, type Value } from './values'

const SUBJECTS: ReadonlySet<string> = new Set(['person', 'household', 'house', 'building', 'enterprise', 'parcel', 'org', 'event'])

export type Registers = (question: Aggregate) => Value

export class FormulaDocument implements Environment {
  constructor(
    readonly values: Mapping,
    readonly today: Day | null = null,
    private readonly place: string | null = null,
    readonly lastPeriod: Mapping = {},
    readonly longAgo: Mapping = {},
    private readonly registers: Registers | null = null,
  ) {}

  value(path: Path): Raw {
    if (path.length === 1 && path[0] === 'this' && own(this.values, 'this') === undefined) return this.place
    return reach(this.values, path)
  }

  last(path: Path): Raw {
    return reach(this.lastPeriod, path)
  }

  yearAgo(path: Path): Raw {
    return reach(this.longAgo, path)
  }

  aggregate(question: Aggregate): Raw {
    if (SUBJECTS.has(question.source) && this.registers) return this.registers(question)
    return aggregated(question.aggregate, [])
  }
}

/** What stands at a path: a value, the rows of a table, or a column of all its rows. */
export function reach(values: Raw, path: Path): Raw {
  let here: Raw = values
  for (const [at, name] of path.entries()) {
    if (Array.isArray(here)) return (here as readonly Raw[]).map((row) => cell(row, path.slice(at)))
    if (!isMapping(here)) return null
    const next = own(here, name)
    if (next === undefined && at && isTable(here)) return Object.values(here).map((row) => cell(row, path.slice(at)))
    here = next
  }
  if (isRow(here)) return isTable(here) ? Object.values(here) : null
  return here
}

function cell(row: Raw, path: Path): Raw {
  return isMapping(row) && path.length === 1 ? own(row, path[0] ?? '') : null
}

function isTable(here: Mapping): boolean {
  const rows = Object.values(here)
  return rows.length > 0 && rows.every(isRow)
}
