// For the tests alone: what the browser makes of questions {tree, data, today, …}. tests/engine/formula asks them by node.

import { decimal, Decimal, ZERO } from '../src/formula/decimal'
import { FormulaDocument } from '../src/formula/document'
import { compile } from '../src/formula/evaluate'
import { verdict } from '../src/formula/explain'
import { printed } from '../src/formula/printed'
import type { Tree } from '../src/formula/tree'
import { Day, decoded, type Mapping, type Value } from '../src/formula/values'

interface Question {
  tree: Tree
  today?: string
  this?: string | null
  data?: unknown
  last?: unknown
  year_ago?: unknown
  tolerance?: string
}

function plain(value: Value): unknown {
  if (value instanceof Decimal) return { number: value.toString() }
  return value instanceof Day ? { date: value.toString() } : value
}

function answered(question: Question): unknown {
  const env = new FormulaDocument(
    decoded(question.data ?? {}) as Mapping,
    question.today ? Day.parse(question.today) : null,
    question.this ?? null,
    decoded(question.last ?? {}) as Mapping,
    decoded(question.year_ago ?? {}) as Mapping,
  )
  const tolerance = decimal(question.tolerance ?? '0') ?? ZERO
  const check = verdict(question.tree)
  return {
    value: plain(compile(question.tree)(env)),
    text: printed(question.tree),
    holds: check.holds(env, tolerance),
    relations: check.explain(env, tolerance).map((one) => ({
      left_text: one.leftText,
      left: plain(one.left),
      operator: one.operator,
      right_text: one.rightText,
      right: plain(one.right),
      difference: plain(one.difference),
      holds: one.holds,
    })),
  }
}

export function answers(line: string): string {
  return JSON.stringify((JSON.parse(line) as Question[]).map(answered))
}
