// Whether a check holds, and both sides of every comparison it rests on, to show why not. As engine/formula/explain.py.

import { Decimal, subtract, whole } from './decimal'
import { both, compared, compile, either, truth, type Answer, type Environment, type Rule } from './evaluate'
import { printed } from './printed'
import type { Compare, Comparator, Tree } from './tree'
import { Day, type Value } from './values'

/** One link of a comparison with what stood on both sides. */
export interface Relation {
  leftText: string
  left: Value
  operator: Comparator
  rightText: string
  right: Value
  difference: Decimal | null
  holds: Answer
}

export interface Verdict {
  holds(env: Environment, tolerance: Decimal): Answer
  explain(env: Environment, tolerance: Decimal): Relation[]
}

export function verdict(tree: Tree): Verdict {
  if ('compare' in tree) return comparison(tree)
  if ('and' in tree) return several(tree.and.map(verdict), both)
  if ('or' in tree) return several(tree.or.map(verdict), either)
  if ('not' in tree) return opposite(verdict(tree.not))
  if ('call' in tree && tree.call === 'IF') return choice(tree.arguments)
  const rule = compile(tree)
  return { holds: (env) => truth(rule(env)), explain: () => [] }
}

function comparison(tree: Compare): Verdict {
  const sides = tree.compare.map((operand): [string, Rule] => [printed(operand), compile(operand)])
  const values = (env: Environment) => sides.map(([, rule]) => rule(env))
  return {
    holds(env, tolerance) {
      const found = values(env)
      return both(tree.operators.map((operator, at) => compared(operator, found[at] ?? null, found[at + 1] ?? null, tolerance)))
    },
    explain(env, tolerance) {
      const found = values(env)
      return tree.operators.map((operator, at) => {
        const left = found[at] ?? null
        const right = found[at + 1] ?? null
        return {
          leftText: sides[at]?.[0] ?? '',
          left,
          operator,
          rightText: sides[at + 1]?.[0] ?? '',
          right,
          difference: difference(left, right),
          holds: compared(operator, left, right, tolerance),
        }
      })
    },
  }
}

function several(inner: Verdict[], combine: (answers: Answer[]) => Answer): Verdict {
  return {
    holds: (env, tolerance) => combine(inner.map((one) => one.holds(env, tolerance))),
    explain: (env, tolerance) => inner.flatMap((one) => one.explain(env, tolerance)),
  }
}

function opposite(inner: Verdict): Verdict {
  return {
    holds(env, tolerance) {
      const answer = inner.holds(env, tolerance)
      return answer === null ? null : !answer
    },
    explain: (env, tolerance) => inner.explain(env, tolerance),
  }
}

function choice([test, yes, no]: Tree[]): Verdict {
  const asked = compile(test ?? { blank: true })
  const branches = [yes, no].map((branch) => verdict(branch ?? { blank: true }))
  const chosen = (env: Environment) => branches[asked(env) === true ? 0 : 1]
  return {
    holds: (env, tolerance) => chosen(env)?.holds(env, tolerance) ?? null,
    explain: (env, tolerance) => chosen(env)?.explain(env, tolerance) ?? [],
  }
}

function difference(left: Value, right: Value): Decimal | null {
  if (left instanceof Decimal && right instanceof Decimal) return subtract(left, right)
  if (left instanceof Day && right instanceof Day) return whole(left.daysSince(right))
  return null
}
