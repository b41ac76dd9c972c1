// Where things stand, and where a press of Alt with an arrow takes them.

import type { Design, Entry, Place, Section } from './types'

export interface Spot {
  section: Section
  entry: Entry
  index: number
}

export function spotOf(design: Design, path: string): Spot | undefined {
  for (const section of design.outline) {
    const index = section.entries.findIndex((entry) => entry.path === path)
    const entry = section.entries[index]
    if (entry) return { section, entry, index }
  }
  return undefined
}

/** The place one further up or down: within the section, else at the near end of the next one. */
export function stepOf(design: Design, path: string, by: -1 | 1): Place | null {
  const spot = spotOf(design, path)
  if (!spot) return null
  const { section, index } = spot
  const { entries } = section
  const here = { into: '', section: section.code }
  if (by < 0 && index > 0) return { ...here, before: entries[index - 1]?.name ?? '' }
  if (by > 0 && index < entries.length - 1) return { ...here, before: entries[index + 2]?.name ?? '' }
  const other = design.outline[design.outline.indexOf(section) + by]
  if (!other) return null
  return { into: '', section: other.code, before: by > 0 ? (other.entries[0]?.name ?? '') : '' }
}

/** The same among the names of one holder: columns or rows of a table. */
export function stepAmong(names: string[], name: string, by: -1 | 1): string | null {
  const index = names.indexOf(name)
  if (index + by < 0 || index + by >= names.length) return null
  return names[by < 0 ? index - 1 : index + 2] ?? ''
}

export interface HeadCell {
  text: string
  colspan: number
  rowspan: number
  path: string
}

export interface StubCell {
  text: string
  rowspan: number
  colspan: number
}

/** The same at the left: for every row the cells that begin there, its own name last. */
export function stubCells(rows: { label: string; parents: string[] }[]): StubCell[][] {
  const lines = headLines(rows.map((row) => ({ path: row.label, label: row.label, parents: row.parents })))
  const found: StubCell[][] = rows.map(() => [])
  const taken = lines.map(() => new Set<number>())
  lines.forEach((line, level) => {
    let at = 0
    for (const cell of line) {
      while (taken[level]?.has(at)) at += 1
      found[at]?.push({ text: cell.text, rowspan: cell.colspan, colspan: cell.rowspan })
      for (let down = 0; down < cell.rowspan; down += 1) for (let over = 0; over < cell.colspan; over += 1) taken[level + down]?.add(at + over)
      at += cell.colspan
    }
  })
  return found
}

/** Every heading above columns or before rows, once, in the order of the table. */
export function headingsOf(lines: { parents: string[] }[]): string[] {
  return [...new Set(lines.flatMap((line) => line.parents))]
}

/** Heads of several lines: equal neighbours merge, short paths reach down. */
export function headLines(heads: { path: string; label: string; parents: string[] }[]): HeadCell[][] {
  const depth = Math.max(1, ...heads.map((head) => head.parents.length + 1))
  const lines: HeadCell[][] = Array.from({ length: depth }, () => [])
  heads.forEach((head, index) => {
    const before = heads[index - 1]
    head.parents.forEach((text, level) => {
      const same = before && before.parents.length > level && before.parents.slice(0, level + 1).join('\n') === head.parents.slice(0, level + 1).join('\n')
      const line = lines[level] as HeadCell[]
      if (same) (line[line.length - 1] as HeadCell).colspan += 1
      else line.push({ text, colspan: 1, rowspan: 1, path: '' })
    })
    ;(lines[head.parents.length] as HeadCell[]).push({ text: head.label, colspan: 1, rowspan: depth - head.parents.length, path: head.path })
  })
  return lines
}
