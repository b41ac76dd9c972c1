// The functions of the language, each as engine/formula/functions.py has it. IF and COALESCE are lazy: evaluate.ts.

import { absolute, Decimal, floor, modulo, rounded, whole, ZERO } from './decimal'
import { absenceOf, Day, dayOf, valueOf, written, type Raw, type Value } from './values'

type Rule = (values: Value[], today: Day | null) => Value

const LARGEST = 1_000_000

function numbers(rule: (one: Decimal, other: Decimal) => Decimal | null, otherwise = ZERO): Rule {
  return (values) => {
    const [one, other = otherwise] = values
    return one instanceof Decimal && other instanceof Decimal ? rule(one, other) : null
  }
}

/** A whole number, not negative, as an index. */
function index(value: Value | undefined): number | null {
  if (!(value instanceof Decimal) || value.isNegative || !value.isWhole) return null
  return Math.min(value.toNumber(), LARGEST)
}

/** A part of a text by code points; from the end when `from` is negative. */
function part(text: Value | undefined, from: number | null, many: number | null): Value {
  if (typeof text !== 'string' || from === null || many === null) return null
  const points = [...text]
  return points.slice(from, from + many).join('') || null
}

function right(text: Value | undefined, many: number | null): Value {
  if (typeof text !== 'string' || many === null) return null
  const points = [...text]
  return points.slice(Math.max(points.length - many, 0)).join('') || null
}

function middle(values: Value[]): Value {
  const first = index(values[1])
  return first ? part(values[0], first - 1, index(values[2])) : null
}

export function concatenated(values: Value[]): Value {
  return values.map(written).join('') || null
}

function date(values: Value[]): Value {
  const [year, month, day] = values.map(index)
  if (year === null || month === null || day === null) return null
  return Day.of(year ?? 0, month ?? 0, day ?? 0)
}

function ofDay(take: (day: Day) => number): Rule {
  return ([value = null]) => {
    const day = dayOf(value)
    return day && whole(take(day))
  }
}

function age(values: Value[], today: Day | null): Value {
  const born = dayOf(values[0] ?? null)
  const then = values.length > 1 ? dayOf(values[1] ?? null) : today
  return born && then && whole(Math.floor((then.ordered - born.ordered) / 10_000))
}

function days([end = null, start = null]: Value[]): Value {
  const last = dayOf(end)
  const first = dayOf(start)
  return last && first && whole(last.daysSince(first))
}

function contains([text, inner]: Value[]): Value {
  return typeof text === 'string' && typeof inner === 'string' ? text.includes(inner) : null
}

/** Those that see what stands at a name as it is: an absence, not the blank it counts as. */
export const SEES: Readonly<Record<string, (raw: Raw) => Value>> = {
  ISBLANK: (raw) => valueOf(raw) === null && absenceOf(raw) === null,
  KNOWN: (raw) => valueOf(raw) !== null,
  ABSENCE: absenceOf,
}

export const FUNCTIONS: Readonly<Record<string, Rule>> = {
  ROUND: numbers(rounded),
  ABS: numbers(absolute),
  INT: numbers(floor),
  MOD: numbers(modulo),
  LEN: ([text]) => (typeof text === 'string' ? whole([...text].length) : null),
  LEFT: ([text, many]) => part(text, 0, index(many)),
  RIGHT: ([text, many]) => right(text, index(many)),
  MID: middle,
  CONCAT: concatenated,
  CONTAINS: contains,
  DATE: date,
  YEAR: ofDay((day) => day.year),
  MONTH: ofDay((day) => day.month),
  DAY: ofDay((day) => day.day),
  AGE: age,
  DAYS: days,
  TODAY: (_, today) => today,
}
