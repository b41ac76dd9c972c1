// A tree becomes a function once and is then asked for every row. Pure and total: what cannot be computed is blank.

import { add, compare as order, decimal, Decimal, divide, multiply, negated, subtract, total, whole } from './decimal'
import { liesWithin } from './divisions'
import { concatenated, FUNCTIONS, SEES } from './functions'
import { AGGREGATES, type Aggregate, type Call, type Comparator, type Previous, type Tree } from './tree'
import { Day, dayOf, isMapping, isRow, textOrder, valueOf, type Mapping, type Raw, type Value } from './values'

export type Path = readonly string[]

/** What a formula may ask of the world around it. */
export interface Environment {
  readonly today: Day | null
  value(path: Path): Raw
  last(path: Path): Raw
  yearAgo(path: Path): Raw
  aggregate(question: Aggregate): Raw
}

export type Answer = boolean | null
export type Rule = (env: Environment) => Value

export function compile(tree: Tree): Rule {
  if ('number' in tree) return constant(decimal(tree.number))
  if ('text' in tree) return constant(tree.text)
  if ('boolean' in tree) return constant(tree.boolean)
  if ('blank' in tree) return constant(null)
  if ('previous' in tree) return previous(tree)
  if ('name' in tree) return named(tree.name)
  if ('aggregate' in tree) return overRows(tree)
  if ('call' in tree) return call(tree)
  return operation(tree)
}

type Operation = Exclude<Tree, { number: string } | { text: string } | { boolean: boolean } | { blank: true } | { name: string } | Aggregate | Call>

function operation(tree: Operation): Rule {
  if ('negate' in tree) return negation(compile(tree.negate))
  if ('not' in tree) return opposite(compile(tree.not))
  if ('arithmetic' in tree) return arithmetic(tree.arithmetic.map(compile), tree.operators)
  if ('compare' in tree) return comparison(tree.compare.map(compile), tree.operators)
  if ('join' in tree) return join(tree.join.map(compile))
  if ('and' in tree) return logic(tree.and.map(compile), both)
  if ('or' in tree) return logic(tree.or.map(compile), either)
  if ('in' in tree) return membership(compile(tree.in), tree.options.map(compile))
  return place(compile(tree.within), compile(tree.place))
}

const constant =
  (value: Value): Rule =>
  () =>
    value

function named(name: string): Rule {
  const path = name.split('.')
  return (env) => valueOf(env.value(path))
}

function previousRaw(tree: Previous): (env: Environment) => Raw {
  const path = tree.name.split('.')
  return tree.previous === 'last' ? (env) => env.last(path) : (env) => env.yearAgo(path)
}

function previous(tree: Previous): Rule {
  const ask = previousRaw(tree)
  return (env) => valueOf(ask(env))
}

function negation(operand: Rule): Rule {
  return (env) => {
    const value = operand(env)
    return value instanceof Decimal ? negated(value) : null
  }
}

const OPERATIONS: Record<string, (left: Decimal, right: Decimal) => Decimal | null> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
}

function arithmetic(operands: Rule[], operators: string[]): Rule {
  const rules = operators.map((operator) => OPERATIONS[operator] ?? add)
  return (env) => {
    let result = operands[0]?.(env) ?? null
    for (const [at, rule] of rules.entries()) {
      const right = operands[at + 1]?.(env) ?? null
      if (!(result instanceof Decimal) || !(right instanceof Decimal)) return null
      result = rule(result, right)
    }
    return result
  }
}

function join(operands: Rule[]): Rule {
  return (env) => concatenated(operands.map((operand) => operand(env)))
}

function comparison(operands: Rule[], operators: Comparator[]): Rule {
  return (env) => {
    const values = operands.map((operand) => operand(env))
    return both(operators.map((operator, at) => compared(operator, values[at] ?? null, values[at + 1] ?? null)))
  }
}

function membership(operand: Rule, options: Rule[]): Rule {
  return (env) => {
    const value = operand(env)
    return either(options.map((option) => compared('=', value, option(env))))
  }
}

function place(operand: Rule, area: Rule): Rule {
  return (env) => {
    const code = operand(env)
    const within = area(env)
    return typeof code === 'string' && typeof within === 'string' ? liesWithin(code, within) : null
  }
}

function opposite(operand: Rule): Rule {
  return (env) => {
    const answer = truth(operand(env))
    return answer === null ? null : !answer
  }
}

function logic(operands: Rule[], combine: (answers: Answer[]) => Answer): Rule {
  return (env) => combine(operands.map((operand) => truth(operand(env))))
}

function call(tree: Call): Rule {
  const inputs = tree.arguments.map(compile)
  if (AGGREGATES.has(tree.call)) return overValues(tree)
  const seen = SEES[tree.call]
  if (seen) return sight(tree.arguments[0], seen)
  if (tree.call === 'IF') return choice(inputs)
  if (tree.call === 'COALESCE') return firstFilled(inputs)
  const rule = FUNCTIONS[tree.call]
  return (env) => rule?.(inputs.map((input) => input(env)), env.today) ?? null
}

/** What stands at a name, absences as they are; of what is computed, the value. */
function sight(tree: Tree | undefined, seen: (raw: Raw) => Value): Rule {
  const ask: ((env: Environment) => Raw) | null = tree ? (raw(tree) ?? compile(tree)) : null
  return (env) => seen(ask ? ask(env) : null)
}

function choice([test, yes, no]: Rule[]): Rule {
  return (env) => (test?.(env) === true ? yes : no)?.(env) ?? null
}

function firstFilled(inputs: Rule[]): Rule {
  return (env) => {
    for (const input of inputs) {
      const value = input(env)
      if (value !== null) return value
    }
    return null
  }
}

function overValues(tree: Call): Rule {
  const inputs = tree.arguments.map(several)
  return (env) => aggregated(tree.call, inputs.flatMap((input) => input(env)))
}

/** An argument of SUM and its like: a column or table gives many values. */
function several(tree: Tree): (env: Environment) => Value[] {
  const ask = raw(tree)
  if (!ask) {
    const rule = compile(tree)
    return (env) => [rule(env)]
  }
  return (env) => {
    const found = ask(env)
    if (!Array.isArray(found)) return [valueOf(found)]
    return (found as readonly Raw[]).map((one) => (isRow(one) ? true : valueOf(one)))
  }
}

function raw(tree: Tree): ((env: Environment) => Raw) | null {
  if ('previous' in tree) return previousRaw(tree)
  if (!('name' in tree)) return null
  const path = tree.name.split('.')
  return (env) => env.value(path)
}

function overRows(tree: Aggregate): Rule {
  const source = tree.source.split('.')
  const condition = tree.where && compile(tree.where)
  const { column } = tree
  return (env) => {
    const found = env.value(source)
    if (!Array.isArray(found)) return valueOf(env.aggregate(tree))
    const rows = (found as readonly Raw[]).filter(isMapping)
    const kept = condition ? rows.filter((row) => condition(new TableRow(row, env)) === true) : rows
    if (column === null) return whole(kept.length)
    return aggregated(tree.aggregate, kept.map((row) => valueOf(own(row, column))))
  }
}

export function own(mapping: Mapping, name: string): Raw {
  return Object.prototype.hasOwnProperty.call(mapping, name) ? mapping[name] : undefined
}

/** A row of a table as an environment: its columns and `this`, nothing else. */
class TableRow implements Environment {
  constructor(
    private readonly row: Mapping,
    private readonly outer: Environment,
  ) {}

  get today(): Day | null {
    return this.outer.today
  }

  value(path: Path): Raw {
    const name = path.join('.')
    if (name === 'this' && own(this.row, 'this') === undefined) return this.outer.value(path)
    return own(this.row, name)
  }

  last(): Raw {
    return null
  }

  yearAgo(): Raw {
    return null
  }

  aggregate(): Raw {
    return null
  }
}

/** Whether one link holds; blank if a side is blank or the two cannot be compared. */
export function compared(operator: Comparator, left: Value, right: Value, tolerance: Decimal | null = null): Answer {
  if (left === null || right === null) return null
  if (left instanceof Decimal && right instanceof Decimal) return numbers(operator, left, right, tolerance)
  if (typeof left === 'boolean' || typeof right === 'boolean') {
    if (typeof left !== typeof right || (operator !== '=' && operator !== '<>')) return null
    return (left === right) === (operator === '=')
  }
  if (left instanceof Day || right instanceof Day) {
    const one = dayOf(left)
    const other = dayOf(right)
    return one && other && ordered(operator, one.ordered - other.ordered)
  }
  if (typeof left !== 'string' || typeof right !== 'string') return null
  return ordered(operator, left === right ? 0 : textOrder(left, right))
}

function numbers(operator: Comparator, left: Decimal, right: Decimal, tolerance: Decimal | null): boolean {
  const difference = tolerance && !tolerance.isZero ? subtract(left, right) : null
  if (!tolerance || !difference) return ordered(operator, order(left, right))
  const above = order(difference, tolerance)
  const below = order(difference, negated(tolerance) ?? tolerance)
  if (operator === '=') return above <= 0 && below >= 0
  if (operator === '<>') return above > 0 || below < 0
  return ordered(operator, operator.startsWith('<') ? above : below)
}

function ordered(operator: Comparator, difference: number): boolean {
  switch (operator) {
    case '=':
      return difference === 0
    case '<>':
      return difference !== 0
    case '<':
      return difference < 0
    case '<=':
      return difference <= 0
    case '>':
      return difference > 0
    default:
      return difference >= 0
  }
}

/** Three-valued and: a no decides, else a blank makes it blank. */
export function both(answers: Answer[]): Answer {
  if (answers.includes(false)) return false
  return answers.includes(null) ? null : true
}

/** Three-valued or: a yes decides, else a blank makes it blank. */
export function either(answers: Answer[]): Answer {
  if (answers.includes(true)) return true
  return answers.includes(null) ? null : false
}

export function truth(value: Value): Answer {
  return typeof value === 'boolean' ? value : null
}

/** SUM, COUNT, AVG, MIN or MAX of values; blanks are skipped. */
export function aggregated(name: string, values: Value[]): Value {
  if (name === 'COUNT') return whole(values.filter((value) => value !== null).length)
  const found = values.filter((value): value is Decimal => value instanceof Decimal)
  if (name === 'MIN' || name === 'MAX') return extreme(name === 'MIN' ? -1 : 1, found, values)
  const sum = total(found)
  return name === 'SUM' || sum === null ? sum : divide(sum, whole(found.length))
}

function extreme(side: 1 | -1, found: Decimal[], values: Value[]): Value {
  if (found.length) return found.reduce((best, one) => (order(one, best) * side > 0 ? one : best))
  const days = values.map(dayOf).filter((day): day is Day => day !== null)
  return days.length ? days.reduce((best, one) => ((one.ordered - best.ordered) * side > 0 ? one : best)) : null
}
