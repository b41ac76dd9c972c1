// The table of a ledger: cells open beside it, saves go cell by cell, what others change appears by itself.
import { boxes, press, pressed } from '../fill/absent'
import { watchMap } from './map'
import { watchPicks } from './picks'
import { filled } from '../words'
// Without this script every row has a page of its own that does the same.

interface CellNow {
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
interface Outcome extends CellNow {
  kind: 'saved' | 'same' | 'proposed' | 'clash' | 'refused'
  text?: string
}
interface Clash {
  id: number
  row: string
  column: string
  label: string
  by: string
  overridden: boolean
}

const EVERY = 4000
const table = document.querySelector<HTMLTableElement>('#ledger')
const dialog = document.querySelector<HTMLDialogElement>('#ledger-cell')
const news = document.querySelector<HTMLElement>('#ledger-news')
const texts: Record<string, string> = JSON.parse(document.querySelector('#ledger-texts')?.textContent ?? '{}')
const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? ''

function told(key: string, values: Record<string, string> = {}): string {
  return filled(texts[`ledger.js.${key}`] ?? key, values)
}

function cellOf(row: string, column: string): HTMLElement | null {
  return table?.querySelector<HTMLElement>(`tr[data-row="${row}"] [data-col="${column}"]`) ?? null
}

function show(cell: HTMLElement, now: CellNow, mark: string): void {
  const text = cell.querySelector<HTMLElement>('.files-small') ? null : cell.querySelector<HTMLElement>('[data-text], a')
  if (text) text.textContent = now.display
  cell.dataset.stamp = String(now.stamp)
  cell.classList.remove('fresh', 'mine', 'stale')
  cell.classList.add(mark)
}

function say(line: string): void {
  if (!news) return
  const told = document.createElement('p')
  told.textContent = line
  news.append(told)
  while (news.children.length > 4) news.firstElementChild?.remove()
  news.hidden = false
}

// Opening a cell

async function open(cell: HTMLElement): Promise<void> {
  const row = cell.closest('tr')?.dataset.row
  if (!table || !dialog || !row) return
  const path = `/ledgers/${table.dataset.code}/rows/${row}/cells/${cell.dataset.col}`
  const answer = await fetch(path, { headers: { accept: 'text/html' } })
  if (!answer.ok) return say(told('failed'))
  dialog.innerHTML = await answer.text()
  const close = document.createElement('button')
  close.type = 'button'
  close.className = 'btn btn-quiet close'
  close.textContent = told('close')
  close.addEventListener('click', () => dialog.close())
  dialog.prepend(close)
  dialog.dataset.row = row
  dialog.showModal()
  dialog.querySelector<HTMLElement>('[name^="v:/"]')?.focus()
}

dialog?.addEventListener('close', () => {
  const cell = cellOf(dialog.dataset.row ?? '', dialog.querySelector<HTMLElement>('[data-edit-cell]')?.dataset.editCell ?? '')
  dialog.innerHTML = ''
  cell?.focus()
})

dialog?.addEventListener('input', (event) => {
  const control = event.target as HTMLInputElement
  const form = control.closest('form')
  if (!form || !boxes(form).length) return
  if (control.name.startsWith('v:')) press(form, null)
  else if (control.name.startsWith('absent:')) {
    if (control.checked) for (const one of form.querySelectorAll<HTMLInputElement>('[name^="v:"]')) clear(one)
    press(form, control.checked ? control.value : null)
  }
})

function clear(control: HTMLInputElement): void {
  if (control.type === 'radio' || control.type === 'checkbox') control.checked = false
  else control.value = ''
}

dialog?.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement
  if (form.dataset.editCell === undefined) return
  event.preventDefault()
  void save(form, false)
})

async function save(form: HTMLFormElement, over: boolean): Promise<void> {
  const column = form.dataset.editCell ?? ''
  const row = dialog?.dataset.row ?? ''
  const given = new FormData(form)
  const chosen = given.getAll(`v:/${column}`).map(String)
  const typed = form.querySelector('[type="checkbox"][name^="v:/"]') ? chosen : (chosen[0] ?? '')
  const value = pressed(form) ?? typed
  if (form.dataset.masked !== undefined && value === '' && !given.get('clear')) return settle(form, { kind: 'same', row, column, label: '' } as Outcome, null)
  const edit = { row, column, value, seen: Number(given.get('seen')), reason: String(given.get('reason') ?? ''), over }
  const error = form.querySelector<HTMLElement>('[data-error]')
  const button = form.querySelector<HTMLButtonElement>('button[type="submit"]')
  if (button) button.disabled = true
  try {
    const answer = await fetch(`/api/ledgers/${table?.dataset.code}/cells`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-csrf-token': token },
      body: JSON.stringify({ edits: [edit] }),
    })
    const body = await answer.json()
    if (!answer.ok) return fault(error, String(body.text))
    settle(form, body.outcomes[0] as Outcome, error)
  } catch {
    fault(error, told('failed'))
  } finally {
    if (button) button.disabled = false
  }
}

function fault(where: HTMLElement | null, text: string): void {
  if (!where) return
  where.textContent = text
  where.hidden = false
}

function settle(form: HTMLFormElement, outcome: Outcome, error: HTMLElement | null): void {
  if (outcome.kind === 'refused') return fault(error, outcome.text ?? '')
  const cell = cellOf(outcome.row, outcome.column)
  if (outcome.kind === 'clash') {
    if (cell) show(cell, outcome, 'fresh')
    return choose(form, outcome)
  }
  if (outcome.kind === 'saved' && cell) show(cell, outcome, 'mine')
  say(outcome.label ? `${outcome.label}：${told(outcome.kind)}` : told(outcome.kind))
  dialog?.close()
}

/** Two people at one cell: what the other wrote is shown, and one of the two is kept. */
function choose(form: HTMLFormElement, theirs: Outcome): void {
  form.querySelector('[data-clash]')?.remove()
  const box = document.createElement('div')
  box.className = 'note note-late'
  box.dataset.clash = ''
  box.setAttribute('role', 'alert')
  const line = document.createElement('p')
  line.textContent = told('clash', { by: theirs.by, value: theirs.display || told('blank') })
  const keep = document.createElement('button')
  keep.type = 'button'
  keep.className = 'btn'
  keep.dataset.keep = 'theirs'
  keep.textContent = told('theirs')
  keep.addEventListener('click', () => dialog?.close())
  const mine = document.createElement('button')
  mine.type = 'button'
  mine.className = 'btn btn-main'
  mine.dataset.keep = 'mine'
  mine.textContent = told('mine')
  mine.addEventListener('click', () => void save(form, true))
  const actions = document.createElement('p')
  actions.className = 'actions'
  actions.append(keep, mine)
  box.append(line, actions)
  form.prepend(box)
  const seen = form.querySelector<HTMLInputElement>('[name="seen"]')
  if (seen) seen.value = String(theirs.stamp)
  keep.focus()
}

// Keyboard: one cell of the table is in the tab order, arrows move

function cells(): HTMLElement[][] {
  return [...(table?.tBodies[0]?.rows ?? [])].map((row) => [...row.querySelectorAll<HTMLElement>('td[data-col]')])
}

function move(from: HTMLElement, down: number, right: number): void {
  const all = cells()
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
  for (const row of cells()) for (const cell of row) cell.tabIndex = -1
  const first = cells()[0]?.[0]
  if (first) first.tabIndex = 0
  table.addEventListener('click', (event) => {
    const at = event.target as Element
    const cell = at.closest('a') ? null : at.closest<HTMLElement>('td[data-col]')
    if (cell) void open(cell)
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
      void open(cell)
    }
  })
  for (const hint of document.querySelectorAll<HTMLElement>('[data-needs-script]')) hint.hidden = false
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
  show(cell, now, 'fresh')
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
if (table) window.setInterval(() => void poll(), EVERY)

// Filters: operators and values fit the column

interface Choice {
  name: string
  kind: string
  operators: { value: string; text: string }[]
  options: { value: string; label: string }[]
}
const choices: Choice[] = JSON.parse(document.querySelector('#ledger-choices')?.textContent ?? '[]')
const filter = document.querySelector<HTMLFormElement>('form[data-filter]')

function fit(): void {
  const column = filter?.querySelector<HTMLSelectElement>('#fc')
  const operator = filter?.querySelector<HTMLSelectElement>('#fo')
  const known = choices.find((one) => one.name === column?.value)
  if (!operator || !known) return
  operator.replaceChildren(...known.operators.map((one) => new Option(one.text, one.value)))
  values(known)
}

function values(known: Choice): void {
  const holder = filter?.querySelector<HTMLElement>('.row:has([name="fv"])')
  const operator = filter?.querySelector<HTMLSelectElement>('#fo')?.value ?? ''
  if (!holder) return
  for (const old of holder.querySelectorAll('input, select')) old.remove()
  const needed = ['blank', 'known'].includes(operator) ? 0 : ['between', 'within'].includes(operator) ? 2 : 1
  holder.hidden = needed === 0
  for (let number = 0; number < needed; number += 1) {
    const input = known.options.length ? choice(known, operator) : document.createElement('input')
    if (input instanceof HTMLInputElement) input.type = known.kind === 'date' ? 'date' : 'text'
    input.name = 'fv'
    if (number === 0) input.id = 'fv'
    holder.append(input)
  }
}

function choice(known: Choice, operator: string): HTMLSelectElement {
  const select = document.createElement('select')
  select.multiple = operator === 'in'
  select.append(...known.options.map((one) => new Option(one.label, one.value)))
  return select
}

if (filter) {
  fit()
  filter.querySelector('#fc')?.addEventListener('change', fit)
  filter.querySelector('#fo')?.addEventListener('change', () => {
    const known = choices.find((one) => one.name === filter.querySelector<HTMLSelectElement>('#fc')?.value)
    if (known) values(known)
  })
}
