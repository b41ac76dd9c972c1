// The fill page with scripts: saves by cell, tells at once, forgets nothing. Without scripts the same form posts.

import { boxes, press } from './absent'
import { Attachments } from './attachments'
import { goesBlank } from './blanks'
import { Cells, element, type Problem, type Text } from './cells'
import { Checking } from './checking'
import { CheckList } from './checklist'
import { Shown } from './conditions'
import { tellForm } from './formmoved'
import { Picks } from './pick'
import { positions } from './position'
import { Queue, type Json, type Pending } from './queue'
import { Rows } from './rows'
import { Sheets } from './sheets'
import { trees } from './tree'
import { Session } from './session'
import { Saver, type Answer, type SaveState } from './saver'
import { show, type Control } from './value'
import { filled } from '../words'

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''

function loadTexts(): Text {
  const texts = JSON.parse(document.getElementById('fill-texts')?.textContent ?? '{}') as Record<string, string>
  return (key, values = {}) => filled(texts[key] ?? key, values)
}

class FillPage {
  private readonly t = loadTexts()
  private readonly cells: Cells
  private readonly queue: Queue
  private readonly saver: Saver<Pending, Answer>
  private readonly rows: Rows
  private readonly checking: Checking
  private readonly checkList: CheckList
  private readonly shown: Shown
  private readonly sheets: Sheets
  private readonly stateBox: HTMLElement
  private readonly session = new Session()
  private submitting = false
  private passing = false
  private notice: HTMLElement | null = null

  constructor(private readonly form: HTMLFormElement) {
    const id = form.dataset.document ?? ''
    this.stateBox = form.querySelector<HTMLElement>('[data-save-state]') ?? element('div', '')
    this.cells = new Cells(form, this.t)
    const revision = Number(form.dataset.revision ?? 0)
    this.queue = new Queue(`yibiao:${meta('user-id')}:${id}`, revision, Number(form.dataset.version ?? 0))
    this.saver = new Saver(
      `/api/documents/${encodeURIComponent(id)}/cells`,
      this.session,
      this.queue,
      (state) => this.showState(state),
      (answer) => this.take(answer),
    )
    this.shown = new Shown(form, this.cells)
    this.checking = new Checking(
      (path, display) => (this.cells.setComputed(path, display), this.sheets.changed(path)),
      (problems) => this.showProblems(problems),
      (told) => (this.shown.apply(told), this.sheets.apply(told)),
    )
    this.checkList = new CheckList(form, this.cells, this.checking, this.t)
    this.rows = new Rows(this.cells, this.queue, () => this.changed(), (undo) => this.offerUndo(undo), this.checking)
    this.sheets = new Sheets(form, this.cells, this.checking, this.queue, this.t, (text) => this.say(text), () => this.changed())
    this.restore()
    this.listen()
    new Picks(form, `/api/documents/${encodeURIComponent(id)}`, this.t, (path, value) => this.known(path, value))
    new Attachments(form, this.cells, this.session, this.t, {
      settled: () => (this.rows.finish(), this.saver.flush()),
      changed: (path, value, revision) => {
        this.queue.seen(revision)
        this.checking.change(path, value)
        this.cells.tally()
      },
    })
    for (const node of form.querySelectorAll<HTMLElement>('[data-use], [data-needs-script]')) node.hidden = false
    const save = form.querySelector<HTMLElement>('[data-save]')
    if (save) save.hidden = true
    this.cells.tally()
    this.rows.foldQuiet()
    this.checking.begin(JSON.parse(document.getElementById('live-problems')?.textContent ?? '[]') as Problem[])
    void Promise.all([this.checking.start(), this.sheets.load()]).then(() => this.sheets.start(() => this.checking.look()))
  }

  private listen(): void {
    this.form.addEventListener('input', (event) => this.onInput(event.target as Control))
    this.form.addEventListener('change', (event) => this.onChange(event.target as Control))
    this.form.addEventListener('click', (event) => this.onClick(event))
    this.form.addEventListener('keydown', (event) => this.onKey(event))
    this.form.addEventListener('paste', (event) => this.onPaste(event))
    this.form.addEventListener('submit', (event) => void this.onSubmit(event))
  }

  /** What is known of a picked person, put beside as if it were typed. */
  private known(path: string, value: Json): void {
    if (this.sheets.has(path)) return this.sheets.put(path, value)
    const cell = this.cells.find(path)
    const control = cell && this.cells.controls(cell)[0]
    if (control && !control.disabled && this.cells.put(cell, value)) this.onInput(control)
  }

  private changed(): void {
    this.cells.tally()
    this.saver.soon()
  }

  private onInput(control: Control): void {
    const cell = this.cells.of(control)
    if (control.dataset.explain) {
      this.queue.explain(control.dataset.explain, control.value)
      this.cells.weigh(control as HTMLInputElement)
      this.saver.soon()
    } else if (cell?.dataset.cell && (control.name.startsWith('v:') || control.name.startsWith('absent:'))) {
      if (control.name.startsWith('v:')) press(cell, null)
      else this.cells.put(cell, (control as HTMLInputElement).checked ? { absent: control.value } : null)
      this.queue.change(cell.dataset.cell, this.cells.value(cell))
      this.checking.change(cell.dataset.cell, this.cells.value(cell))
      this.cells.touched(cell)
      this.changed()
    }
  }

  private onChange(control: Control): void {
    const cell = this.cells.of(control)
    if (cell && control.name === 'confirm' && (control as HTMLInputElement).checked) {
      this.queue.confirm(control.value)
      this.cells.setState(cell, 'confirmed')
      ;(control as HTMLInputElement).disabled = true
      this.changed()
    }
    if (this.queue.size) this.saver.soon(0)
  }

  private onClick(event: Event): void {
    const target = (event.target as Element).closest<HTMLElement>(
      '[data-filter], [data-add-row], [data-remove-row], [data-unfold], [data-use], [data-next]',
    )
    if (!target) return
    const table = target.closest<HTMLElement>('[data-table]')
    const row = target.closest<HTMLTableRowElement>('tr[data-row]')
    event.preventDefault()
    if (target.dataset.filter) this.filter(target.dataset.filter)
    else if (target.dataset.addRow !== undefined && table) this.focusFirst(this.rows.add(table))
    else if (target.dataset.removeRow && table && row) this.rows.remove(table, row)
    else if (target.dataset.unfold !== undefined && row) this.rows.unfold(row)
    else if (target.dataset.use !== undefined) this.use(target)
    else if (target.dataset.next !== undefined) this.next()
  }

  private use(button: HTMLElement): void {
    const cell = this.cells.of(button)
    const control = cell && this.cells.controls(cell)[0]
    if (!cell || !control) return
    const tick = cell.querySelector<HTMLInputElement>('input[name="confirm"]')
    if (tick && !tick.checked && button.closest('li')?.classList.contains('is-now')) {
      tick.checked = true
      this.onChange(tick)
      return
    }
    this.cells.put(cell, button.dataset.useAbsent ? { absent: button.dataset.useAbsent } : (button.dataset.use ?? ''))
    button.closest('details')?.removeAttribute('open')
    this.onInput(boxes(cell).find((box) => box.checked) ?? control)
    control.focus()
  }

  private onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    if (event.isComposing) return
    if (event.key === 'Escape') target.closest('details.source')?.removeAttribute('open')
    const control = target as Control
    if (!control.name?.startsWith('v:')) return
    if (event.key === 'Enter' && !(target instanceof HTMLTextAreaElement)) {
      event.preventDefault()
      this.move(control, event.shiftKey ? -1 : 1)
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && target instanceof HTMLInputElement && target.type === 'text') {
      this.moveInColumn(event, event.key === 'ArrowDown')
    }
  }

  private move(from: Control, step: 1 | -1): void {
    const all = this.cells.editable()
    const to = all[all.findIndex((control) => control.name === from.name) + step]
    to?.focus()
    if (to instanceof HTMLInputElement && to.type === 'text') to.select()
  }

  private moveInColumn(event: KeyboardEvent, down: boolean): void {
    const cell = (event.target as Element).closest('td')
    const row = cell?.parentElement as HTMLTableRowElement | undefined
    let next = down ? row?.nextElementSibling : row?.previousElementSibling
    while (next && (next as HTMLElement).hidden) next = down ? next.nextElementSibling : next.previousElementSibling
    const control = cell && (next as HTMLTableRowElement | null)?.cells[cell.cellIndex]?.querySelector<Control>('[name^="v:"]')
    if (!control) return
    event.preventDefault()
    control.focus()
  }

  private onPaste(event: ClipboardEvent): void {
    const cell = this.cells.of(event.target as Element)
    const result = cell && this.rows.paste(cell, event.clipboardData?.getData('text/plain') ?? '')
    if (!result) return
    event.preventDefault()
    const parts = [this.t('fill.js.pasted', { n: result.filled })]
    if (result.skipped) parts.push(this.t('fill.js.skipped', { n: result.skipped }))
    this.say(parts.join(' '))
  }

  private async onSubmit(event: SubmitEvent): Promise<void> {
    const button = event.submitter as HTMLButtonElement | null
    if (this.passing || !button) return
    event.preventDefault()
    if (this.submitting) return
    this.submitting = true
    button.setAttribute('aria-busy', 'true')
    this.rows.finish()
    const ready = await this.saver.ready()
    const goes = ready && (button.value !== 'submit' || (await goesBlank(this.form, (path) => this.checking.nameOf(path), this.t)))
    this.submitting = false
    button.removeAttribute('aria-busy')
    if (!ready) return this.unsent()
    if (!goes) return
    this.passing = true
    const revision = this.form.querySelector<HTMLInputElement>('input[name="revision"]')
    if (revision) revision.value = String(this.queue.revision)
    // The browser ignores a submit from within the submit event, also after a microtask.
    window.setTimeout(() => (this.form.requestSubmit(button), (this.passing = false)))
  }

  /** Pressed in vain: said where the eye is, and the way out beside it. */
  private unsent(): void {
    if (this.stateBox.dataset.saveState === 'waiting') this.say(this.t('fill.js.unsent.waiting'))
    this.stateBox.scrollIntoView({ block: 'nearest' })
    this.stateBox.querySelector('a')?.focus()
  }

  private filter(name: string): void {
    this.form.dataset.show = name
    for (const link of this.form.querySelectorAll('[data-filter]')) {
      if (link.getAttribute('data-filter') === name) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
    }
    history.replaceState(null, '', `?show=${name}`)
    this.sheets.show(name === 'mine')
    this.cells.tally()
  }

  private next(): void {
    const asking = this.cells.asking()
    const here = document.activeElement && this.cells.of(document.activeElement)
    const after = here ? asking.find((c) => here.compareDocumentPosition(c) & Node.DOCUMENT_POSITION_FOLLOWING) : undefined
    const cell = after ?? asking[0]
    if (!cell && this.cells.elsewhere.some((one) => one.nextAsking())) return
    const goal = cell ? (cell.querySelector<HTMLElement>('.confirm:not([hidden]) input:not(:disabled)') ?? this.cells.controls(cell)[0]) : this.form.querySelector<HTMLElement>('[data-submit]')
    goal?.focus()
    goal?.scrollIntoView({ block: 'center' })
  }

  private focusFirst(row: HTMLElement | null): void {
    row?.querySelector<Control>('[name^="v:"]')?.focus()
  }

  /** What an earlier visit could not send is put back into the cells and sent now. */
  private restore(): void {
    for (const [table, { add, remove }] of Object.entries(this.queue.rows)) {
      const place = this.form.querySelector<HTMLElement>(`[data-table="${CSS.escape(table)}"]`)
      for (const id of add) if (place && !place.querySelector(`[data-row="${CSS.escape(id)}"]`)) this.rows.add(place, id, false)
      for (const id of remove) {
        place?.querySelector(`[data-row="${CSS.escape(id)}"]`)?.remove()
        this.checking.removeRow(table, id)
      }
    }
    const changes = Object.entries(this.queue.changes)
    for (const [path, value] of changes) {
      const cell = this.cells.find(path)
      if (cell && this.cells.put(cell, value)) {
        this.cells.touched(cell)
        this.checking.change(path, value)
      } else if (!cell && !this.sheets.has(path) && !this.queue.older) this.queue.forget(path)
    }
    if (changes.length) this.say(this.t('fill.js.restored', { n: changes.length }))
    if (this.queue.size) this.saver.soon()
  }

  private take(answer: Answer): void {
    const elsewhere = (answer.elsewhere ?? []).filter(({ path }) => !(path in this.queue.changes))
    for (const { path, value } of elsewhere) this.arrived(path, value)
    for (const [path, { state, display }] of Object.entries(answer.cells ?? {})) {
      const cell = this.cells.find(path)
      if (path in this.queue.changes) continue
      if (cell) this.cells.setState(cell, state, display)
      else this.sheets.setState(path, state)
    }
    if (!this.checking.running) {
      for (const [path, value] of Object.entries(answer.computed ?? {})) this.cells.setComputed(path, show(value))
    }
    this.checking.answered(answer.problems ?? [], this.queue.size === 0)
    for (const conflict of answer.conflicts ?? []) {
      if (this.sheets.conflict(conflict)) continue
      this.cells.showConflict(conflict, (mine) => {
        const cell = this.cells.find(conflict.path)
        if (!cell) return
        const value = mine ? conflict.yours : conflict.theirs
        this.cells.put(cell, value)
        this.checking.change(conflict.path, value)
        if (mine) this.queue.change(conflict.path, value)
        this.cells.touched(cell)
        this.changed()
      })
    }
    this.cells.tally()
    this.tellElsewhere(elsewhere)
    if (answer.form_changed) tellForm(this.form, answer.form_changed, this.t)
  }

  /** A value that came from elsewhere takes its place on the page. */
  private arrived(path: string, value: Json): void {
    const cell = this.cells.find(path)
    if (cell) {
      this.cells.put(cell, value)
      this.checking.change(path, value)
    } else this.sheets.arrived(path, value)
  }

  /** Until the next save: on a phone the line takes room. */
  private tellElsewhere(cells: { path: string; by: string }[]): void {
    this.notice?.remove()
    if (!cells.length) return
    const names = [...new Set(cells.map(({ by }) => by || this.t('fill.js.your_other_window')))].join('、')
    const labels = [...new Set(cells.map(({ path }) => this.checking.nameOf(path)))]
    const shown = labels.slice(0, 3).join('、') + (labels.length > 3 ? '…' : '')
    this.notice = element('p', 'elsewhere', this.t('fill.js.elsewhere', { by: names, labels: shown, n: cells.length }))
    this.notice.setAttribute('role', 'status')
    this.stateBox.after(this.notice)
  }

  private showProblems(problems: Problem[]): void {
    this.cells.setProblems(problems)
    this.sheets.setProblems(problems)
    this.checkList.show(problems)
    this.cells.tally()
  }

  private showState(state: SaveState): void {
    this.stateBox.dataset.saveState = state.kind === 'login' ? 'failed' : state.kind
    const time = new Date().toTimeString().slice(0, 5)
    if (state.kind === 'saved') this.say(this.t('fill.js.saved', { time }))
    else if (state.kind === 'saving') this.say(this.t('fill.js.saving'))
    else if (state.kind === 'waiting') this.say(this.t('fill.js.offline'))
    else if (state.kind === 'login') this.sayLogin()
    else this.say(this.t('fill.js.failed', { reason: state.reason }))
  }

  private say(text: string): void {
    const place = this.stateBox.querySelector('[data-save-text]')
    if (place) place.textContent = text
  }

  private sayLogin(): void {
    const door = element('a', '', this.t('fill.js.login.again'))
    door.href = this.session.door
    this.say(this.t('fill.js.login'))
    this.stateBox.querySelector('[data-save-text]')?.append(' ', door)
  }

  private offerUndo(undo: () => void): () => void {
    const button = element('button', 'link-btn', this.t('fill.js.undo'))
    button.type = 'button'
    const withdraw = () => button.remove()
    button.addEventListener('click', () => {
      withdraw()
      this.say('')
      undo()
    })
    this.say(this.t('fill.js.removed'))
    this.stateBox.append(button)
    return withdraw
  }
}

const form = document.querySelector<HTMLFormElement>('form[data-document]')
if (form) new FillPage(form)
const page = document.querySelector<HTMLElement>('#fill, main')
if (page) {
  trees(page, loadTexts())
  positions(page, loadTexts())
}
document.querySelector<HTMLElement>('[data-focus]')?.focus()
