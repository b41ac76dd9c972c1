// What is wrong with one value by itself: its kind and its limits, in the server's sentences. Patterns, code lists and
// check digits are left to the server, which judges everything again.

import { compare, decimal, Decimal, whole } from '../formula/decimal'
import { absenceOf, Day, valueOf, written, type Raw } from '../formula/values'
import type { Form, Kind, Spot } from './plan'
import type { Told } from './told'
import { filled } from '../words'

const LONGEST = 40
type Finding = [string, Record<string, string>]

export function wrong(form: Form, spot: Spot, raw: Raw): Told | null {
  if (raw === null || raw === undefined || raw === '' || spot.kind.locked || absenceOf(raw)) return null
  const found = finding(spot.kind, raw)
  if (!found) return null
  const [code, details] = found
  const shown = written(valueOf(raw))
  const value = shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown
  const values: Record<string, string> = { label: form.nameOf(spot.path), value, ...details }
  const template = form.plan.texts[`form.cell.${code}`] ?? code
  const text = filled(template, values)
  return { path: spot.path, severity: 'error', text, code, paths: [spot.path] }
}

function finding(kind: Kind, raw: Raw): Finding | null {
  const value = valueOf(raw)
  if (kind.type === 'integer' || kind.type === 'number') {
    if (!(value instanceof Decimal)) return [`type.${kind.type}`, {}]
    return outOfRange(kind, value) ?? tooFine(kind, value)
  }
  if (typeof value !== 'string') return null
  if (kind.format === 'date' && !Day.parse(value)) return ['format.date', {}]
  return length(kind, value)
}

function outOfRange(kind: Kind, value: Decimal): Finding | null {
  const low = limit(kind.minimum)
  const high = limit(kind.maximum)
  const below = low && compare(value, low) < 0
  const above = high && compare(value, high) > 0
  if ((below || above) && low && high) return ['between', { low: String(low), high: String(high) }]
  if (below) return ['minimum', { limit: String(low) }]
  if (above) return ['maximum', { limit: String(high) }]
  const over = limit(kind.exclusiveMinimum)
  const under = limit(kind.exclusiveMaximum)
  if (over && compare(value, over) <= 0) return ['exclusiveMinimum', { limit: String(over) }]
  return under && compare(value, under) >= 0 ? ['exclusiveMaximum', { limit: String(under) }] : null
}

function tooFine(kind: Kind, value: Decimal): Finding | null {
  if (kind.type === 'integer') return value.isWhole ? null : ['type.integer', {}]
  if (kind.places === null || value.stripped().exponent >= -kind.places) return null
  return kind.places === 0 ? ['type.integer', {}] : ['decimals', { places: String(kind.places) }]
}

function length(kind: Kind, text: string): Finding | null {
  const actual = [...text].length
  const { minLength = 0, maxLength = Infinity } = kind
  if (actual >= minLength && actual <= maxLength) return null
  if (minLength === maxLength) return ['length', { limit: String(maxLength), actual: String(actual) }]
  if (actual < minLength) return ['minLength', { limit: String(minLength) }]
  return ['maxLength', { limit: String(maxLength), actual: String(actual) }]
}

function limit(raw: unknown): Decimal | null {
  if (typeof raw === 'number') return decimal(String(raw))
  if (typeof raw === 'object' && raw && 'number' in raw) return decimal(String(raw.number))
  return null
}

/** What was typed as a value for formulas: numbers exact, as the server reads them. */
export function asTyped(kind: Kind, raw: Raw): Raw {
  if (typeof raw !== 'string' || (kind.type !== 'integer' && kind.type !== 'number')) return raw
  if (/[eE]/.test(raw)) return raw // as engine/formats/numbers.py: nobody types 1e5 for a hundred thousand
  const number = decimal(raw.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[\s,]/g, ''))
  return number && compare(number, whole(0)) !== 0 && Math.abs(number.adjusted) > 30 ? raw : (number ?? raw)
}

/** A number as people read it: thousands apart, every digit kept. */
export function grouped(text: string): string {
  const [front, part] = text.split('.')
  const spaced = (front ?? '').replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return part === undefined ? spaced : `${spaced}.${part}`
}
