// A condition as it is picked: lines of item, comparison and values, in groups of all or any.
// The server writes its formula and reads formulas back: forms/designing/picked.py.

export interface Line { name: string; op: string; values: string[] }
export interface Group { join: 'and' | 'or'; parts: Part[] }
export type Part = Line | Group

export interface AskedName {
  name: string
  label: string
  kind: 'number' | 'date' | 'boolean' | 'choice' | 'several' | 'text'
  unit: string
  options: { value: string; label: string }[]
  ops: string[]
  form: string
  /** organisation, person or account: values are found by name. */
  pick: '' | 'organisation' | 'person' | 'account'
  levels: string[]
}

export interface Asked { formula?: string; picked?: Group | null }

export interface Told {
  formula: string
  words: string
  problem: string
  position: number
  picked: Group | null
  asked: AskedName[]
  /** What the organisations and people that lines name are called. */
  called?: Record<string, string>
  unused?: boolean
  cases?: { when: string; gives: string }[] | null
  otherwise?: string
}

export const isGroup = (part: Part): part is Group => 'parts' in part
export const ALONE = ['filled', 'blank']
export const LISTED = ['in', 'notin']

/** A line that still lacks its item or its value. */
export function short(line: Line): boolean {
  if (!line.name || !line.op) return true
  return !ALONE.includes(line.op) && (!line.values.length || line.values.some((one) => !one.trim()))
}
export const unfinished = (group: Group): boolean =>
  !group.parts.length || group.parts.some((part) => (isGroup(part) ? unfinished(part) : short(part)))

/** The line as it begins when an item is picked: the usual comparison, the first choice. */
export function fresh(item: AskedName | undefined): Line {
  if (!item) return { name: '', op: '=', values: [] }
  return fitting({ name: item.name, op: item.ops[0] ?? '=', values: [] }, item)
}

/** Values that fit the comparison: none, one, or as many as were ticked. */
export function fitting(line: Line, item: AskedName | undefined): Line {
  if (ALONE.includes(line.op)) return { ...line, values: [] }
  if (LISTED.includes(line.op)) return line
  const first = item?.kind === 'boolean' ? 'true' : (item?.options[0]?.value ?? '')
  return { ...line, values: [line.values[0] ?? first] }
}
