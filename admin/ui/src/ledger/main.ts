// The table of a ledger: cells open beside it, saves go cell by cell, what others change appears by itself.
// Without this script every row has a page of its own that does the same.

import { Saver } from '../fill/saver'
import { Session } from '../fill/session'
import { CellDialog } from './dialog'
import { choices, watchFilters } from './filters'
import { KeptCells, type Edits, type Kept, type Outcome, type Outcomes } from './kept'
import { watchMap } from './map'
import { watchPicks } from './picks'
import { cellOf, say, show, showUnsent, table, told, type CellNow } from './table'
import { Unsent } from './unsent'

interface Clash {
  id: number
  row: string
  column: string
  label: string
  by: string
  overridden: boolean
}

const EVERY = 4000

// Saving: kept on the device first, then sent

const dialog = document.querySelector<HTMLDialogElement>('#ledger-cell')
const place = document.querySelector<HTMLElement>('#ledger-unsent')
const person = document.querySelector<HTMLMetaElement>('meta[name="user-id"]')?.content ?? ''
const code = dialog?.dataset.code ?? ''
const session = new Session()
const kept = new KeptCells(person, code, () => refresh())
const saver = new Saver<Edits, Outcomes>(
  `/api/ledgers/${code}/cells`,
  session,
  kept,
  ({ kind }) => unsent?.tell(kind),
  ({ outcomes: [outcome] }) => outcome && arrived(outcome),
)
const cells = dialog && new CellDialog(dialog, kept, choices, async () => void (await saver.flush()), () => refresh())
const unsent = place && new Unsent(place, kept, session.door, {
  send: (one) => (kept.keep({ ...one, state: 'waiting', over: one.state === 'clash' }), refresh(), saver.soon(0)),
  drop: (one) => (kept.drop(one), refresh()),
  open: (one: Kept) => void opened(cellOf(one.row, one.column)),
}, () => cells?.at ?? null)

function refresh(): void {
  unsent?.refresh()
}

async function opened(cell: HTMLElement | null): Promise<void> {
  if (cell && cells) await cells.open(cell)
}

function arrived(outcome: Outcome): void {
  const cell = cellOf(outcome.row, outcome.column)
  if (cell && outcome.kind === 'saved') show(cell, outcome, 'mine')
  else if (cell && outcome.kind === 'clash') show(cell, outcome, 'fresh')
  cells?.settle(outcome)
  if (outcome.kind !== 'refused' && outcome.kind !== 'clash') say(`${outcome.label}${told('colon')}${told(outcome.kind)}`)
  refresh()
}

// Keyboard: one cell of the table is in the tab order, arrows move

function grid(): HTMLElement[][] {
  return [...(table?.tBodies[0]?.rows ?? [])].map((row) => [...row.querySelectorAll<HTMLElement>('td[data-col]')])
}

function move(from: HTMLElement, down: number, right: number): void {
  const all = grid()
  const at = all.findIndex((row) => row.includes(from))
  const row = all[Math.max(0, Math.min(all.length - 1, at + down))]
  const to = row?.[Math.max(0, Math.min(row.length - 1, (all[at]?.indexOf(from) ?? 0) + right))]
  if (!to) return
  from.tabIndex = -1
  to.tabIndex = 0
  to.focus()
}

const MOVES: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

if (table && dialog && typeof dialog.showModal === 'function') {
  for (const row of grid()) for (const cell of row) cell.tabIndex = -1
  const first = grid()[0]?.[0]
  if (first) first.tabIndex = 0
  table.addEventListener('click', (event) => {
    const at = event.target as Element
    const cell = at.closest('a') ? null : at.closest<HTMLElement>('td[data-col]')
    if (cell) void opened(cell)
  })
  table.addEventListener('keydown', (event) => {
    const cell = (event.target as Element).closest<HTMLElement>('td[data-col]')
    const step = MOVES[event.key]
    if (!cell || (event.target as Element).closest('a')) return
    if (step) {
      event.preventDefault()
      move(cell, ...step)
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      void opened(cell)
    }
  })
  if (table.dataset.edit !== undefined) for (const row of table.tBodies[0]?.rows ?? []) offerBlanks(row)
  for (const hint of document.querySelectorAll<HTMLElement>('[data-needs-script]')) hint.hidden = false
}

/** On a phone a card leaves out what is blank: a press shows it, to be filled. */
function offerBlanks(row: HTMLTableRowElement): void {
  const blank = row.querySelectorAll('td:not(.computed) [data-text]:empty').length
  if (!blank) return
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'link-btn blanks'
  button.textContent = told('blanks', { n: blank })
  button.setAttribute('aria-expanded', 'false')
  button.addEventListener('click', () => button.setAttribute('aria-expanded', String(row.classList.toggle('whole'))))
  row.querySelector('.stub')?.append(button)
}

// What others change

let since = Number(table?.dataset.since ?? 0)
let moment = table?.dataset.now ?? ''
const heard = new Set<string>()

async function poll(): Promise<void> {
  if (!table || document.hidden) return
  const rows = [...table.querySelectorAll<HTMLElement>('tr[data-row]')].map((row) => row.dataset.row ?? '')
  const query = new URLSearchParams({ rows: rows.join(','), since: String(since), moment })
  try {
    const answer = await fetch(`/api/ledgers/${table.dataset.code}/changes?${query}`)
    if (!answer.ok) return
    const found: { cells: CellNow[]; clashes: Clash[]; now: string } = await answer.json()
    for (const now of found.cells) hear(now)
    for (const clash of found.clashes) hearClash(clash)
  } catch {
    // no network just now: the next look tells
  }
}

function hear(now: CellNow): void {
  since = Math.max(since, now.stamp)
  const cell = cellOf(now.row, now.column)
  if (!cell || Number(cell.dataset.stamp) >= now.stamp) return
  const mine = kept.at(now.row, now.column)
  show(cell, now, 'fresh')
  if (mine) showUnsent(cell, mine.shown)
  say(told('news', { by: now.by, at: now.at.slice(5).replace('T', ' '), from: now.from, label: now.label, value: now.display || told('blank') }))
}

function hearClash(clash: Clash): void {
  const key = `${clash.id}:${clash.overridden}`
  if (heard.has(key)) return
  heard.add(key)
  say(told(clash.overridden ? 'overridden' : 'clashed', { by: clash.by, label: clash.label }))
}

watchPicks()
watchMap()
watchFilters()
if (table) window.setInterval(() => void poll(), EVERY)
refresh()
if (place && kept.size) saver.soon(0)
