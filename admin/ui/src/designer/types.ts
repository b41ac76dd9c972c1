// What the designer reads and writes. The REST API behind it:
//
//   GET    /api/designs/{id}              -> Design
//   PATCH  /api/designs/{id}              Change -> Design            (409 "design.clash" where another changed the same thing)
//   POST   /api/designs/{id}/undo, /redo  {"tab", "force"} -> Design
//   POST   /api/designs/{id}/formula      FormulaAsked -> FormulaTold
//   POST   /api/designs/{id}/presence     {"tab", "item", "since"} -> News
//   GET    /api/designs/{id}/difference   -> Difference
//   GET    /api/designs/{id}/replay?after=    -> ReplayPart
//   POST   /api/designs/{id}/publish      {"revision", "note"} -> {"href", "version"}
//   GET    /api/fields?q=&limit=12        -> {"fields": [FieldHit]}
//   POST   /api/fields                    NewField -> FieldHit
//   GET    /designs/{id}/preview          the draft as a fill page, shown in a frame; /preview/real with real data
//   GET    /designs/{id}/preview/pdf      the draft on paper, without values
//   GET    /api/designs/{id}/preview?q=   -> PreviewChoices
//
// A refusal is {"code", "text", "errors"?: {name: text}} with a text for people.

import type { AskedName, Group } from '../condition/types'

export interface FieldHit {
  code: string
  label: string
  definition: string
  unit: string | null
  type: string
  confidence?: number
  reason?: string
}

export interface Item {
  path: string
  label: string
  header: string[]
  at: string
  table: string | null
  type: string
  unit: string | null
  /** The unit in the reader's language. */
  unit_said: string
  required: boolean
  /** Answers that may stand in place of a value. */
  absences: { value: string; label: string }[]
  compute: string | null
  sample: string | null
  field: string | null
  field_label: string | null
  confidence: number
  reason: string
  candidates: FieldHit[]
  confirmed: boolean
  name: string
  own_label: string
  label_en: string
  hint: string
  hint_en: string
  kind: string
  codelist: string
  minimum: number | null
  maximum: number | null
  max_length: number | null
  /** What an item of photos, files or a signature takes. */
  files: { most: number; max_mb: number; accept: string[] } | null
  carry: boolean
  /** What is proposed in a blank cell, as it is typed. */
  default: string
  widget: string
  /** Of a code list with levels: `leaf` takes only codes with none below. */
  pick: string
  /** Where organisations and people are picked from. */
  scope: { within?: string; levels?: string[] }
  fills: boolean
  parents: string[]
  choices: ChoiceDraft[]
  show_when: string | null
  required_when: string | null
  readonly_when: string | null
  /** Its formulas with labels for names. */
  said: Record<string, string>
}

export interface ChoiceDraft {
  value: string
  label: string
  label_en: string
  show_when: string
}

export interface Head {
  path: string
  name: string
  label: string
  label_en: string
  parents: string[]
  unit: string | null
  kind: string
}

export interface Line {
  path: string
  name: string
  label: string
  label_en: string
  code: string
  indent: number
  /** Merged headings at the left of it, the widest first. */
  parents: string[]
}

export interface Entry {
  kind: 'item' | 'floating' | 'fixed' | 'group'
  path: string
  name: string
  title: string
  title_en: string
  columns: string[]
  heads?: Head[]
  rows: Line[]
  show_when?: string | null
  required_when?: string | null
  readonly_when?: string | null
}

export interface Section {
  code: string
  title: string
  title_en: string
  /** On paper it begins a new page. */
  page_break: boolean
  entries: Entry[]
}

export interface Contested {
  label: string
  keyword: string
  mine: unknown
  theirs: unknown
}

export interface News {
  revision: number
  last: number
  people: { name: string; item: string }[]
  steps: { id: number; kind: 'change' | 'undo' | 'redo' | 'clash'; who: string; text: string; at: string }[]
}

export interface FormulaAsked {
  formula?: string
  path?: string
  over?: string
  condition?: boolean
  picked?: Group | null
  sample?: Record<string, string | number | boolean | Record<string, string>[]>
}

export interface NameHelp {
  name: string
  label: string
  kind: string
  options: { value: string; label: string }[]
}

/** A table that a formula looks into, with the rows it is tried with. */
export interface TriedTable {
  name: string
  label: string
  columns: NameHelp[]
  rows: { title: string; cells: Record<string, string> }[]
  fixed: boolean
}

export interface FormulaTold {
  formula: string
  words: string
  problem: string
  position: number
  names: NameHelp[]
  sample: (NameHelp & { value: string })[]
  tables: TriedTable[]
  result: string | null
  /** A condition as lines; nothing where lines cannot say it. */
  picked: Group | null
  asked: AskedName[]
}

export interface Sheet {
  name: string
  rows: SheetCell[][]
}

export interface SheetCell {
  at: string
  text: string
  colspan: number
  rowspan: number
  role: 'title' | 'unit' | 'period' | 'header' | 'stub' | 'input' | 'total' | 'sign' | 'note' | 'empty'
  path: string | null
}

export interface Check {
  code: string
  formula: string
  /** The formula by the labels of its items. */
  words: string
  severity: 'error' | 'gated' | 'explain'
  text: string
  text_en: string
  over: string | null
}

export interface Choice {
  code: string
  text: string
}

export interface PrintLayout {
  paper: string
  orientation: string
  font: string
  repeat_headers: boolean
}

export interface Design {
  id: string
  revision: number
  form: {
    title: string
    title_en: string
    kind: string
    period: string
    nil: boolean
    print: PrintLayout
    /** English names of merged headings. */
    headings: Record<string, string>
    subject: string
    version: number | null
  }
  sheet: Sheet
  /** All worksheets of a form that stands on several; empty where it stands on one. */
  sheets: Sheet[]
  blocks: { role: string; at: string; text: string }[]
  tables: { path: string; title: string; kind: 'fixed' | 'floating'; rows: number }[]
  items: Item[]
  outline: Section[]
  undo: string | null
  redo: string | null
  last: number
  checks: Check[]
  problems: { path: string | null; severity: 'error' | 'warning'; code?: string; text: string }[]
  choices: { subjects: Choice[]; periods: Choice[]; kinds: Choice[]; types: Choice[]; kinds_of_items: Choice[]; codelists: (Choice & { tree?: string })[] }
}

export type ItemChange = Partial<
  Pick<
    Item,
    | 'label' | 'label_en' | 'hint' | 'hint_en' | 'field' | 'unit' | 'type' | 'required' | 'compute' | 'confirmed' | 'kind'
    | 'codelist' | 'minimum' | 'maximum' | 'max_length' | 'carry' | 'default' | 'widget' | 'pick' | 'scope' | 'fills' | 'choices' | 'parents' | 'show_when' | 'required_when' | 'readonly_when'
  >
> & { most?: number; max_mb?: number; accept?: string[]; absences?: string[]; row_code?: string; indent?: number | null }

export interface Place {
  into: string
  section: string
  before: string
}

export interface Change {
  revision: number
  tab?: string
  force?: boolean
  form?: Partial<Omit<Design['form'], 'print'>> & { print?: Partial<PrintLayout> }
  items?: Record<string, ItemChange>
  added?: ({ kind?: string; label?: string; field?: string; codelist?: string; columns?: string[]; rows?: string[] } & Partial<Place>)[]
  moved?: ({ path: string } & Place)[]
  removed?: string[]
  sections?: { do: 'add' | 'rename' | 'move' | 'break' | 'remove'; page_break?: boolean; code?: string; title?: string; title_en?: string; before?: string }[]
  checks?: (Omit<Check, 'code' | 'words'> & { code?: string })[]
  checks_removed?: string[]
}

export interface NewField {
  subject: string
  name: string
  label_zh: string
  label_en: string
  type: string
  unit: string
  definition: string
}

export interface Difference {
  version: number
  changes: { kind: 'added' | 'removed' | 'changed'; path: string; label: string; text: string }[]
  running: number
  consequence: string
  repeats: string
  items: { label: string; table: string | null; known: string; state: string; source: string; filled: string; cells: string; also_in: string[] }[]
}

export const REPLAY_KINDS = ['fails', 'lost', 'unbound', 'prefilled'] as const

export interface Finding {
  kind: (typeof REPLAY_KINDS)[number]
  code: string
  path: string
  text: string
  severity: string
  documents: number
  cells: number
  differ: number
  places: { document: string; organisation: string; path: string; label: string }[]
}

export interface ReplayPart {
  period: string
  /** The period as people write it. */
  when: string
  total: number
  looked_at: number
  passing: number
  after: string | null
  findings: Finding[]
}
