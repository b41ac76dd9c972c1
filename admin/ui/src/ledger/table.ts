// The table of a ledger as elements: its cells, what they show, and the line that says what happened.

import { filled } from '../words'

export interface CellNow {
  row: string
  column: string
  label: string
  display: string
  stamp: number
  stale: boolean
  by: string
  at: string
  from: string
}

export const table = document.querySelector<HTMLTableElement>('#ledger')
const news = document.querySelector<HTMLElement>('#ledger-news')
const texts: Record<string, string> = JSON.parse(document.querySelector('#ledger-texts')?.textContent ?? '{}')

export function told(key: string, values: Record<string, string | number> = {}): string {
  return filled(texts[`ledger.js.${key}`] ?? key, values)
}

export function cellOf(row: string, column: string): HTMLElement | null {
  return table?.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(row)}"] [data-col="${CSS.escape(column)}"]`) ?? null
}

export function titleOf(cell: HTMLElement): string {
  return cell.closest('tr')?.querySelector('.stub a')?.textContent?.trim() ?? ''
}

function wordsOf(cell: HTMLElement): HTMLElement | null {
  return cell.querySelector('.files-small') ? null : cell.querySelector<HTMLElement>('[data-text], a')
}

export function show(cell: HTMLElement, now: CellNow, mark: string): void {
  const text = wordsOf(cell)
  if (text) text.textContent = now.display
  delete cell.dataset.was
  cell.dataset.stamp = String(now.stamp)
  cell.classList.remove('fresh', 'mine', 'stale', 'unsent')
  cell.classList.add(mark)
}

/** What was typed and is not yet sent stands in the cell; with null, what stood there before. */
export function showUnsent(cell: HTMLElement, shown: string | null): void {
  const text = wordsOf(cell)
  if (!text) return
  if (shown !== null) cell.dataset.was ??= text.textContent ?? ''
  text.textContent = shown ?? cell.dataset.was ?? text.textContent
  if (shown === null) delete cell.dataset.was
  cell.classList.toggle('unsent', shown !== null)
}

export function say(line: string): void {
  if (!news) return
  const told = document.createElement('p')
  told.textContent = line
  news.append(told)
  while (news.children.length > 4) news.firstElementChild?.remove()
  news.hidden = false
}
