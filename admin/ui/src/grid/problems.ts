// What is wrong with a cell of a sheet, in lines; a check that asks for a reason gets a box to write it in.

import { element, type Text } from '../fill/cells'
import type { Sheet } from './sheet'

export function problemLines(sheet: Sheet, path: string, t: Text): HTMLElement[] {
  const returned = sheet.reason(path)
  const lines: HTMLElement[] = returned ? [element('p', 'error', returned)] : []
  for (const problem of sheet.problemsAt(path)) {
    const line = element('p', problem.severity === 'error' ? 'error' : 'caution', problem.text)
    if (problem.code?.startsWith('check.')) line.prepend(element('strong', 'severity', t(`fill.js.severity.${problem.severity}`)), ' ')
    lines.push(line)
    if (sheet.data.editable && problem.severity !== 'error' && problem.code) lines.push(explain(sheet, `${problem.code}:${path}`, t))
  }
  return lines
}

function explain(sheet: Sheet, key: string, t: Text): HTMLElement {
  const row = element('div', 'row explain')
  const label = element('label', '', t('fill.js.explain'))
  const input = element('input', '')
  input.type = 'text'
  input.id = label.htmlFor = `x.${key}`
  input.dataset.explain = key
  input.value = sheet.explanations.get(key) ?? ''
  input.addEventListener('input', () => sheet.explanations.set(key, input.value))
  row.append(label, input)
  return row
}
