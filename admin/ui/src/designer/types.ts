// What the designer reads and writes. The REST API behind it:
//
//   GET    /api/designs/{id}              -> Design
//   PATCH  /api/designs/{id}              Change -> Design            (409 when "revision" is old; the page then reloads)
//   GET    /api/designs/{id}/difference   -> Difference
//   POST   /api/designs/{id}/publish      {"revision", "note"} -> {"href", "version"}
//   GET    /api/fields?q=&limit=12        -> {"fields": [FieldHit]}
//   POST   /api/fields                    NewField -> FieldHit
//   GET    /designs/{id}/preview          the draft as a fill page, shown in a frame
//
// A refusal is {"code", "text", "errors"?: {name: text}} with a text for people.

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
  severity: 'error' | 'gated' | 'explain'
  text: string
  over: string | null
}

export interface Choice {
  code: string
  text: string
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
    subject: string
    version: number | null
  }
  sheet: { name: string; rows: SheetCell[][] }
  blocks: { role: string; at: string; text: string }[]
  tables: { path: string; title: string; kind: 'fixed' | 'floating'; rows: number }[]
  items: Item[]
  checks: Check[]
  problems: { path: string | null; severity: 'error' | 'warning'; text: string }[]
  choices: { subjects: Choice[]; periods: Choice[]; kinds: Choice[]; types: Choice[] }
}

export interface Change {
  revision: number
  form?: Partial<Design['form']>
  items?: Record<string, Partial<Pick<Item, 'label' | 'field' | 'unit' | 'type' | 'required' | 'compute' | 'confirmed'> & { absences: string[] }>>
  checks?: Check[]
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
}
