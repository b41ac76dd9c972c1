// Values of formulas: what a document gave becomes a number, a text, a day, yes or no, or blank (null).

import { Decimal, decimal, fromNumber } from './decimal'

export type Value = Decimal | string | boolean | Day | null
export interface Mapping {
  readonly [name: string]: Raw
}
export type Raw = Value | number | undefined | readonly Raw[] | Mapping

const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/

export class Day {
  private constructor(
    readonly year: number,
    readonly month: number,
    readonly day: number,
  ) {}

  static of(year: number, month: number, day: number): Day | null {
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
    const longest = month === 2 && leap ? 29 : (MONTHS[month - 1] ?? 0)
    const real = year >= 1 && year <= 9999 && day >= 1 && day <= longest
    return real ? new Day(year, month, day) : null
  }

  static parse(text: string): Day | null {
    const found = ISO.exec(text)
    return found ? Day.of(Number(found[1]), Number(found[2]), Number(found[3])) : null
  }

  /** 20261105: orders days, and its distance in ten thousands is the years completed. */
  get ordered(): number {
    return this.year * 10_000 + this.month * 100 + this.day
  }

  daysSince(other: Day): number {
    return Math.round((this.milliseconds() - other.milliseconds()) / 86_400_000)
  }

  toString(): string {
    const padded = (number: number, width: number) => String(number).padStart(width, '0')
    return `${padded(this.year, 4)}-${padded(this.month, 2)}-${padded(this.day, 2)}`
  }

  private milliseconds(): number {
    return new Date(0).setUTCFullYear(this.year, this.month - 1, this.day)
  }
}

export function isMapping(raw: Raw): raw is Mapping {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !(raw instanceof Decimal) && !(raw instanceof Day)
}

const ABSENCES: ReadonlySet<unknown> = new Set(['unknown', 'inapplicable', 'refused'])

/** Which absence a value is (engine/absence.py); null for a value that is there, and for a blank. */
export function absenceOf(raw: Raw): string | null {
  if (!isMapping(raw)) return null
  const kind = Object.keys(raw).length === 1 && Object.prototype.hasOwnProperty.call(raw, 'absent') ? raw.absent : null
  return typeof kind === 'string' && ABSENCES.has(kind) ? kind : null
}

export function isRow(raw: Raw): raw is Mapping {
  return isMapping(raw) && absenceOf(raw) === null
}

export function valueOf(raw: Raw): Value {
  if (raw === null || raw === undefined || raw === '') return null
  if (typeof raw === 'number') return fromNumber(raw)
  if (typeof raw !== 'object') return raw
  if (Array.isArray(raw)) {
    // several choices of one item: their codes, apart by spaces
    const choices = raw as readonly Raw[]
    return choices.length > 0 && choices.every((one) => typeof one === 'string') ? choices.join(' ') : null
  }
  return raw instanceof Decimal || raw instanceof Day ? raw : null
}

/** The value if it is a date, or a text that writes one as 2026-11-05. */
export function dayOf(value: Value): Day | null {
  if (value instanceof Day) return value
  return typeof value === 'string' ? Day.parse(value) : null
}

export function written(value: Value): string {
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return String(value)
}

/** Texts are ordered by code point, as Python and the databases do, not by UTF-16 unit. */
export function textOrder(left: string, right: string): number {
  const one = [...left]
  const other = [...right]
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    const difference = (one[at]?.codePointAt(0) ?? 0) - (other[at]?.codePointAt(0) ?? 0)
    if (difference) return difference
  }
  return one.length - other.length
}

/** JSON as raw values: numbers that a double would spoil stand as {"number": "…"}. */
export function decoded(json: unknown): Raw {
  if (Array.isArray(json)) return json.map(decoded)
  if (typeof json !== 'object' || json === null) return json as Raw
  const entries = Object.entries(json)
  const only = entries.length === 1 ? entries[0] : undefined
  if (only && only[0] === 'number' && typeof only[1] === 'string') return decimal(only[1]) ?? only[1]
  const made = Object.create(null) as Record<string, Raw>
  for (const [name, inner] of entries) made[name] = decoded(inner)
  return made
}
