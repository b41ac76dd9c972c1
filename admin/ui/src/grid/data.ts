// What the server tells of a table that is shown as a sheet (admin/views/grid_view.py).

import type { Json } from '../fill/queue'
import type { Called } from './called'

export interface Option {
  value: string
  label: string
  /** Of a code list with levels: how deep it stands, its pinyin initials, whether it only leads to others. */
  depth?: number
  spelt?: string
  leads?: boolean
}

export interface ColumnData {
  name: string
  /** Headings above it, outermost first. */
  above: string[]
  type: string
  /** The label with its unit. */
  heading: string
  options: Option[]
  /** Answers that may stand in place of a value. */
  absences: Option[]
  wide: boolean
  /** What the form proposes in a new row; the server puts it there too. */
  proposal: Json
  /** Whoever is picked: an organisation, a person or an account; empty for any other column. */
  pick: string
  /** A code list with levels. */
  tree: boolean
  /** What the picked are called; the sheet gives it to columns that are picked. */
  called?: Called
}

export interface RowData {
  id: string
  code: string
  title: string
  /** Merged headings before it, outermost first. */
  above: string[]
  indent: number
  total: boolean
}

export interface HeadCell {
  text: string
  colspan: number
  rowspan: number
}

export interface GridData {
  path: string
  title: string
  floating: boolean
  editable: boolean
  canAdd: boolean
  /** The column that names a floating row. */
  titledBy: string | null
  stub: string
  head: HeadCell[][]
  columns: ColumnData[]
  /** Rows of a fixed table; those of a floating one are in the document. */
  rows: RowData[]
  /** Cells whose state does not follow from their value. */
  states: Record<string, string>
  reasons: Record<string, string>
  explanations: Record<string, string>
  /** What picked values are called, by value. */
  labels: Record<string, string>
  /** After a return only these may be changed. */
  only: string[] | null
}
