// Between the text of a sheet's cell (typed, pasted, shown, copied) and its value.

import type { Json } from '../fill/queue'
import { parse } from '../fill/value'
import { Decimal } from '../formula/decimal'
import { absenceOf, type Raw } from '../formula/values'
import { grouped } from '../live/limits'
import type { ColumnData, Option } from './data'

type Words = readonly [string, string]
const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$|^(\d{4})(\d{2})(\d{2})$/
const YES: ReadonlySet<string> = new Set(['true', '1', 'yes', 'y', '√', '✓', '是'])
const NO: ReadonlySet<string> = new Set(['false', '0', 'no', 'n', '×', '否'])

/** The value a text means in a column; nothing when the column cannot take it. */
export function fromText(column: ColumnData, text: string, words: Words): Json | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return null
  const gone = absenceNamed(column, trimmed)
  if (gone) return { absent: gone.value }
  if (column.called) return column.called.value(trimmed)
  if (column.type === 'choices') return severalOf(column, trimmed)
  if (column.options.length) return optionOf(column, trimmed)
  if (column.type === 'yes_no') return answerOf(trimmed, words)
  if (column.type === 'date') return dayOf(trimmed)
  return parse(column.type, text)
}

/** What stands in the cell for people to read. */
export function shownText(column: ColumnData, raw: Raw, words: Words): string {
  if (raw === null || raw === undefined) return ''
  const gone = absenceOf(raw)
  if (gone) return column.absences.find((one) => one.value === gone)?.label ?? gone
  if (Array.isArray(raw)) return raw.map((one) => shownText(column, one as Raw, words)).join('、')
  if (typeof raw === 'boolean') return words[raw ? 0 : 1]
  const plain = String(raw)
  if (column.called) return column.called.label(plain)
  const option = column.options.length ? column.options.find((one) => one.value === plain) : undefined
  if (option) return option.label
  return typeof raw === 'number' || raw instanceof Decimal ? grouped(plain) : plain
}

/** What the editor starts with: as it is typed, without thousands apart. */
export function typedText(column: ColumnData, raw: Raw, words: Words): string {
  return typeof raw === 'number' || raw instanceof Decimal ? String(raw) : shownText(column, raw, words)
}

function absenceNamed(column: ColumnData, text: string): Option | undefined {
  if (!column.absences.length || column.options.some((one) => one.label === text || one.value === text)) return undefined
  return column.absences.find((one) => one.label.toLowerCase() === text.toLowerCase())
}

/** What a list of choices offers: the options, or yes and no, and then the answers in place of a value. */
export function choicesOf(column: ColumnData, words: Words): string[] {
  const labels = column.type === 'yes_no' ? [...words] : column.options.filter((one) => !one.leads).map((one) => one.label)
  return labels.length ? [...labels, ...column.absences.map((one) => one.label)] : []
}

function optionOf(column: ColumnData, text: string): Json | undefined {
  const open = column.options.filter((one) => !one.leads)
  const same = open.find((one) => one.value === text || one.label === text)
  const begun = same ? [same] : open.filter((one) => one.label.startsWith(text))
  return begun.length === 1 ? begun[0]?.value : undefined
}

function severalOf(column: ColumnData, text: string): Json | undefined {
  const found = text.split(/[、,，;；]/).map((one) => optionOf(column, one.trim()))
  return found.some((one) => one === undefined) ? undefined : (found as Json[])
}

function answerOf(text: string, words: Words): Json | undefined {
  const plain = text.toLowerCase()
  if (text === words[0] || YES.has(plain)) return true
  return text === words[1] || NO.has(plain) ? false : undefined
}

function dayOf(text: string): string {
  const found = DAY.exec(text)
  if (!found) return text
  const [year, month, day] = [found[1] ?? found[4], found[2] ?? found[5], found[3] ?? found[6]]
  return `${year ?? ''}-${(month ?? '').padStart(2, '0')}-${(day ?? '').padStart(2, '0')}`
}
