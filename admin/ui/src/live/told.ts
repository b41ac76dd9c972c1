// Failures in the words that the server uses (forms/checks/run.py): place, text, both sides, difference.

import { written } from '../formula/values'
import type { Relation } from '../formula/explain'
import type { Failure, Live } from './live'
import type { Form, Severity } from './plan'
import type { View } from './views'
import { filled } from '../words'

export interface Told {
  path: string
  severity: Severity
  text: string
  code: string
  paths: string[]
}

const NAME = /[\p{L}_][\p{L}\p{N}_.]*(?!\()(?![\p{L}\p{N}_.])/gu
const MANY = 50
const SHOWN: [string, string][] = [['<>', '≠'], ['<=', '≤'], ['>=', '≥']]
/** Signs as people write them. */
const shown = (formula: string) => SHOWN.reduce((told, [sign, written]) => told.replaceAll(sign, written), formula)

export class Teller {
  constructor(
    private readonly live: Live,
    private readonly form: Form = live.form,
  ) {}

  told(failure: Failure): Told {
    const { check } = failure
    const paths = this.paths(failure)
    return { path: this.where(paths), severity: check.severity, text: this.text(failure), code: `check.${check.code}`, paths }
  }

  private text({ check, view, relations }: Failure): string {
    const chinese = this.form.plan.language === 'zh'
    const sides = relations.filter((one) => one.holds === false).map((one) => this.side(one, view))
    const words = check.text || (sides.length ? '' : this.spoken(check.formula, view))
    const place = view ? this.place(view) : ''
    const parts = [
      place && this.filled('form.check.place', { place }),
      words && this.filled('form.check.text', { text: words.replace(/[。.;；]+$/, '') }),
      ...sides,
    ]
    return parts.filter(Boolean).join(chinese ? '' : ' ')
  }

  private side(one: Relation, view: View | null): string {
    return this.filled(one.difference ? 'form.check.sides' : 'form.check.values', {
      left_text: this.spoken(one.leftText, view),
      left: written(one.left),
      operator: shown(one.operator),
      right_text: this.spoken(one.rightText, view),
      right: written(one.right),
      difference: written(one.difference),
    })
  }

  private place(view: View): string {
    if (view.place || this.form.table(view.path)) return view.place
    const at = view.path.lastIndexOf('/')
    const table = view.path.slice(0, at)
    const id = view.path.slice(at + 1)
    const number = this.live.values.rows(table).findIndex((row, index) => this.live.values.idOf(row, index) === id) + 1
    return this.filled('form.check.row', { table: this.form.nameOf(table), number: String(number) })
  }

  /** A formula with the labels that people know in place of names. */
  private spoken(formula: string, view: View | null): string {
    let told = formula
    for (const word of ['last', 'same_period_last_year']) {
      told = told.replace(new RegExp(`(^|[^\\p{L}\\p{N}_])${word}\\(([\\p{L}\\p{N}_.]+)\\)`, 'gu'), `$1${this.template(`form.word.${word}`)} $2`)
    }
    told = told.replace(/\bTODAY\(\s*\)/g, this.template('form.word.TODAY'))
    return shown(told).replace(NAME, (name) => this.words(name, view) || name)
  }

  private words(name: string, view: View | null): string {
    const near = view?.near.get(name)
    const spot = near ? this.form.spot(near) : null
    if (spot && view) return view.path === spot.table?.plan.path && spot.rowLabel ? spot.rowLabel : spot.label
    const far = `/${name.replace(/\./g, '/')}`
    const known = this.form.spot(far) ?? this.form.table(far)
    if (known) return this.form.nameOf(far)
    const at = far.lastIndexOf('/')
    return this.form.table(far.slice(0, at))?.plan.columns.find((one) => one.name === far.slice(at + 1))?.label ?? ''
  }

  /** The cells that the check's names stand for; a long column is told as its table. */
  private paths({ check, view }: Failure): string[] {
    const found = check.used.flatMap((name) => {
      const near = view?.near.get(name)
      return near ? [near] : this.named(name)
    })
    return [...new Set(found)]
  }

  private named(name: string): string[] {
    const path = `/${name.replace(/\./g, '/')}`
    if (this.form.spot(path) || this.form.table(path)) return [path]
    const at = path.lastIndexOf('/')
    const head = path.slice(0, at)
    const column = path.slice(at + 1)
    const table = this.form.table(head)
    if (!table) return []
    const ids = table.plan.floating
      ? this.live.values.rows(head).map((row, index) => this.live.values.idOf(row, index))
      : table.plan.rows.map((row) => row.name)
    const every = ids.filter((id) => table.kindAt(id, column) !== null).map((id) => `${head}/${id}/${column}`)
    return every.length <= MANY ? every : [head]
  }

  /** The first of its cells that can be changed. */
  private where(paths: string[]): string {
    const open = paths.find((path) => {
      const spot = this.form.spot(path)
      return spot && !spot.kind.locked
    })
    return open ?? paths[0] ?? ''
  }

  private filled(key: string, values: Record<string, string>): string {
    return filled(this.template(key), values)
  }

  private template(key: string): string {
    return this.form.plan.texts[key] ?? key
  }
}
