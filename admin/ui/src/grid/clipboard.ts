// A part of a sheet as texts, and as a spreadsheet takes them from the clipboard.

import type { Selection } from './geometry'
import type { Sheet } from './sheet'
import { typedText } from './text'

export function texts(sheet: Sheet, { top, bottom, left, right }: Selection): string[][] {
  const found: string[][] = []
  for (let row = top; row <= bottom; row += 1) {
    const line: string[] = []
    for (let column = left; column <= right; column += 1) {
      const type = sheet.columns[column]
      line.push(type ? typedText(type, sheet.raw(row, column), sheet.words) : '')
    }
    found.push(line)
  }
  return found
}

/** Tabs between cells, a line a row, quotes around what holds either. */
export function copied(block: string[][]): string {
  const quoted = (text: string) => (/[\t\n"]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text)
  return block.map((line) => line.map(quoted).join('\t')).join('\n')
}
