// The cell that is open: its input, what was typed in it before, two people at once. What is typed is kept on the
// device from the first key; closing the dialog loses none of it.

import { boxes, press, pressed } from '../fill/absent'
import { element } from '../fill/cells'
import type { Json } from '../fill/queue'
import { isAbsent, put, type Control } from '../fill/value'
import type { Choice } from './filters'
import type { Kept, KeptCells, Outcome } from './kept'
import { cellOf, say, table, titleOf, told } from './table'

const controls = (form: HTMLElement) => [...form.querySelectorAll<Control>('[name^="v:/"]')]

/** As the person sees it: the words of a choice, not its code; of protected information only that it is there. */
function wordsOf(form: HTMLFormElement, value: Json): string {
  if (value === '' || (Array.isArray(value) && !value.length)) return ''
  if (form.dataset.masked === '1') return told('protected')
  const ticked = [...form.querySelectorAll<HTMLInputElement>('input:checked:not([name="clear"])')]
  if (ticked.length) return ticked.map((one) => one.closest('label')?.textContent?.trim() ?? one.value).join('、')
  const control = controls(form)[0]
  if (!(control instanceof HTMLSelectElement)) return String(value)
  const option = control.selectedOptions[0]
  return option?.dataset.label ?? option?.text.trim() ?? String(value)
}

export class CellDialog {
  private before: Json = ''

  constructor(
    private readonly dialog: HTMLDialogElement,
    private readonly cells: KeptCells,
    private readonly choices: Choice[],
    /** Sends what waits; settled by `settle`, or never where there is no network. */
    private readonly send: () => Promise<void>,
    private readonly refresh: () => void,
  ) {
    dialog.addEventListener('close', () => this.closed())
    dialog.addEventListener('input', (event) => this.typed(event.target as HTMLInputElement))
    dialog.addEventListener('submit', (event) => {
      const form = event.target as HTMLFormElement
      if (form.dataset.editCell === undefined) return
      event.preventDefault()
      void this.save(form, false)
    })
  }

  /** Which cell is open; null while none is. */
  get at(): { row: string; column: string } | null {
    const column = this.form?.dataset.editCell
    return this.dialog.open && column ? { row: this.dialog.dataset.row ?? '', column } : null
  }

  private get form(): HTMLFormElement | null {
    return this.dialog.querySelector<HTMLFormElement>('[data-edit-cell]')
  }

  async open(cell: HTMLElement): Promise<void> {
    const row = cell.closest('tr')?.dataset.row
    if (!table || !row) return
    this.dialog.replaceChildren()
    try {
      const path = `/ledgers/${table.dataset.code}/rows/${row}/cells/${cell.dataset.col}`
      const answer = await fetch(path, { headers: { accept: 'text/html' } })
      if (answer.redirected || answer.status === 401) return say(told('unsent.login'))
      if (!answer.ok) return say(told('not_opened'))
      this.dialog.innerHTML = await answer.text()
    } catch {
      const plain = this.plain(cell)
      if (!plain) return say(told('not_opened'))
      this.dialog.append(plain)
    }
    this.dialog.dataset.row = row
    const close = element('button', 'btn btn-quiet close', told('close'))
    close.type = 'button'
    close.addEventListener('click', () => this.dialog.close())
    this.dialog.prepend(close)
    this.before = this.form ? this.value(this.form) : ''
    this.restore(row, cell.dataset.col ?? '')
    this.dialog.showModal()
    controls(this.dialog)[0]?.focus()
    this.refresh()
  }

  /** Without network: what the page itself knows of the column is enough to type a value. */
  private plain(cell: HTMLElement): HTMLElement | null {
    const known = this.choices.find((one) => one.name === cell.dataset.col)
    if (!known?.edit || table?.dataset.edit === undefined) return null
    const control = known.options.length ? document.createElement('select') : document.createElement('input')
    if (control instanceof HTMLSelectElement) {
      control.append(new Option('', ''), ...known.options.map((one) => new Option(one.label, one.value)))
    } else control.type = known.kind === 'date' && !known.period ? 'date' : 'text'
    control.name = `v:/${known.name}`
    control.id = 'plain-cell'
    control.autocomplete = 'off'
    const form = element('form', 'rows')
    form.dataset.editCell = known.name
    form.dataset.masked = known.masked ? '1' : 'no' // blank changes nothing
    const seen = element('input', '')
    Object.assign(seen, { type: 'hidden', name: 'seen', value: cell.dataset.stamp ?? '0' })
    const row = element('div', 'row')
    const label = element('label', '', told('new_value'))
    label.htmlFor = control.id
    row.append(label, control)
    const clear = element('label', 'tick')
    const tick = element('input', '')
    Object.assign(tick, { type: 'checkbox', name: 'clear', value: '1' })
    clear.append(tick, element('span', '', told('clear')))
    const actions = element('div', 'actions')
    const button = element('button', 'btn btn-main', told('save'))
    button.type = 'submit'
    actions.append(button)
    const error = element('p', 'error')
    error.dataset.error = ''
    error.hidden = true
    form.append(seen, row, clear, error, actions)
    const section = element('section', 'ledger-cell')
    const now = (cell.dataset.was ?? cell.textContent ?? '').trim()
    section.append(element('h2', '', known.label), element('p', 'big-value', now || told('blank')), element('p', 'note note-soon', told('plain_hint')), form)
    return section
  }

  private value(form: HTMLFormElement): Json {
    const gone = pressed(form)
    if (gone) return gone
    const chosen = new FormData(form).getAll(`v:/${form.dataset.editCell}`).map(String)
    return form.querySelector('[type="checkbox"][name^="v:/"]') ? chosen : (chosen[0] ?? '')
  }

  /** What was typed here earlier and has not got through stands in the input again. */
  private restore(row: string, column: string): void {
    const form = this.form
    const kept = this.cells.at(row, column)
    if (!form || !kept) return
    const { value } = kept
    const inputs = controls(form)
    press(form, isAbsent(value) ? value.absent : null)
    put(inputs, ['radio', 'checkbox'].includes(inputs[0]?.type ?? '') ? 'choices' : 'text', isAbsent(value) ? null : value)
    const clear = form.querySelector<HTMLInputElement>('[name="clear"]')
    if (clear) clear.checked = kept.value === ''
    const reason = form.querySelector<HTMLInputElement>('[name="reason"]')
    if (reason) reason.value = kept.reason
    form.prepend(element('p', 'note note-soon', told('restored')))
    if (kept.state === 'refused') this.fault(kept.told)
    if (kept.state === 'clash') this.choose(form, { by: kept.by, display: kept.told, stamp: kept.seen })
  }

  private typed(control: HTMLInputElement): void {
    const form = control.closest('form')
    if (!form || form.dataset.editCell === undefined) return
    if (boxes(form).length) {
      if (control.name.startsWith('v:')) press(form, null)
      else if (control.name.startsWith('absent:')) {
        if (control.checked) for (const one of controls(form)) empty(one)
        press(form, control.checked ? control.value : null)
      }
    }
    const entry = this.entry(form, false, 'typed')
    const old = this.cells.at(this.dialog.dataset.row ?? '', form.dataset.editCell ?? '')
    if (entry) this.cells.keep(entry)
    else if (old?.state === 'typed') this.cells.drop(old)
  }

  /** What the form asks for; null where that is nothing. */
  private entry(form: HTMLFormElement, over: boolean, state: Kept['state']): Kept | null {
    const column = form.dataset.editCell ?? ''
    const row = this.dialog.dataset.row ?? ''
    const given = new FormData(form)
    const value = this.value(form)
    if (form.dataset.masked !== undefined && value === '' && !given.get('clear')) return null
    if (state === 'typed' && !given.get('clear') && JSON.stringify(value) === JSON.stringify(this.before)) return null
    const cell = cellOf(row, column)
    return {
      row, column, value, over, state,
      seen: Number(given.get('seen')),
      reason: String(given.get('reason') ?? ''),
      ledger: document.querySelector('h1')?.textContent?.trim() ?? '',
      title: cell ? titleOf(cell) : '',
      label: this.dialog.querySelector('h2')?.textContent?.trim() ?? column,
      shown: wordsOf(form, value),
      by: '', told: '', at: Date.now(),
    }
  }

  private async save(form: HTMLFormElement, over: boolean): Promise<void> {
    const entry = this.entry(form, over, 'waiting')
    if (!entry) return this.dialog.close()
    this.cells.keep(entry)
    const button = form.querySelector<HTMLButtonElement>('button[type="submit"]')
    if (button) button.disabled = true
    await this.send()
    if (button) button.disabled = false
    const now = this.cells.at(entry.row, entry.column)
    if (now?.state === 'waiting') this.dialog.close() // not through: told above the table
    if (now?.state === 'refused') this.fault(now.told)
  }

  /** The answer to what was sent, where it is of the open cell. */
  settle(outcome: Outcome): void {
    const form = this.form
    const here = this.at
    if (!form || here?.row !== outcome.row || here.column !== outcome.column) return
    if (outcome.kind === 'clash') this.choose(form, outcome)
    else if (outcome.kind !== 'refused') this.dialog.close()
  }

  private fault(text: string): void {
    const where = this.dialog.querySelector<HTMLElement>('[data-error]')
    if (!where) return
    where.textContent = text
    where.hidden = false
  }

  /** Two people at one cell: what the other wrote is shown, and one of the two is kept. */
  private choose(form: HTMLFormElement, theirs: { by: string; display: string; stamp: number }): void {
    form.querySelector('[data-clash]')?.remove()
    const box = element('div', 'note note-late')
    box.dataset.clash = ''
    box.setAttribute('role', 'alert')
    const keep = element('button', 'btn', told('theirs'))
    const mine = element('button', 'btn btn-main', told('mine'))
    keep.type = mine.type = 'button'
    keep.dataset.keep = 'theirs'
    mine.dataset.keep = 'mine'
    keep.addEventListener('click', () => {
      const kept = this.at && this.cells.at(this.at.row, this.at.column)
      if (kept) this.cells.drop(kept)
      this.dialog.close()
    })
    mine.addEventListener('click', () => void this.save(form, true))
    const actions = element('p', 'actions')
    actions.append(keep, mine)
    box.append(element('p', '', told('clash', { by: theirs.by, value: theirs.display || told('blank') })), actions)
    form.prepend(box)
    const seen = form.querySelector<HTMLInputElement>('[name="seen"]')
    if (seen) seen.value = String(theirs.stamp)
    if (this.dialog.open) keep.focus()
  }

  private closed(): void {
    const cell = cellOf(this.dialog.dataset.row ?? '', this.form?.dataset.editCell ?? '')
    this.dialog.replaceChildren()
    this.refresh()
    cell?.focus()
  }
}

function empty(control: Control): void {
  if (control.type === 'radio' || control.type === 'checkbox') (control as HTMLInputElement).checked = false
  else control.value = ''
}
