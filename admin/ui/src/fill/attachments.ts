// Photos, files and signatures: sent at once, kept in hand while there is no network, shown as the server has them.

import type { Cells, Text } from './cells'
import { element } from './cells'
import { Pad } from './pad'
import type { Json } from './queue'
import type { Session } from './session'

interface Waiting {
  cell: HTMLElement
  file: Blob
  name: string
}

interface Hooks {
  /** Everything typed so far is on the server: a new row's photo needs its row there. */
  settled(): Promise<boolean>
  /** A cell holds something else now, as of this revision. */
  changed(path: string, value: Json, revision: number): void
}

const MEGABYTE = 1024 * 1024

export class Attachments {
  private readonly waiting: Waiting[] = []
  private readonly pads = new WeakMap<HTMLElement, Pad>()
  private working = false

  constructor(
    form: HTMLFormElement,
    private readonly cells: Cells,
    private readonly session: Session,
    private readonly t: Text,
    private readonly hooks: Hooks,
  ) {
    form.addEventListener('change', (event) => this.onChange(event.target as HTMLInputElement))
    form.addEventListener('click', (event) => this.onClick(event), true)
    form.addEventListener('keydown', (event) => this.onKey(event), true)
    window.addEventListener('online', () => void this.work())
    window.addEventListener('beforeunload', (event) => {
      if (this.waiting.length) event.preventDefault()
    })
    for (const holder of form.querySelectorAll<HTMLElement>('[data-files]')) this.dress(holder)
  }

  /** What only scripts can do comes in sight, and what only works without goes. */
  dress(holder: HTMLElement): void {
    for (const node of holder.querySelectorAll<HTMLElement>('[data-without-script]')) node.remove()
    for (const node of holder.querySelectorAll<HTMLElement>('[data-needs-script]')) node.hidden = false
    const canvas = holder.querySelector<HTMLCanvasElement>('[data-sign-pad]')
    if (canvas) this.pads.set(holder, new Pad(canvas))
  }

  private onChange(input: HTMLInputElement): void {
    if (input.type !== 'file' || !input.files) return
    const cell = this.cells.of(input)
    if (!cell) return
    for (const file of [...input.files]) this.waiting.push({ cell, file, name: file.name })
    input.value = ''
    void this.work()
  }

  private onClick(event: Event): void {
    const button = (event.target as Element).closest<HTMLElement>('[data-file-remove], [data-sign-done], [data-sign-clear], [data-sign-use]')
    const cell = button && this.cells.of(button)
    const holder = button?.closest<HTMLElement>('[data-files]')
    if (!button || !cell || !holder) return
    event.preventDefault()
    event.stopPropagation()
    const pad = this.pads.get(holder)
    if (button.dataset.signClear !== undefined) pad?.clear()
    else if (button.dataset.signDone !== undefined) void this.signed(cell, pad)
    else if (button.dataset.signUse !== undefined) void this.typed(cell, holder)
    else void this.remove(cell, button.dataset.fileRemove ?? '')
  }

  private onKey(event: KeyboardEvent): void {
    const input = event.target as HTMLElement
    const holder = input.closest<HTMLElement>('[data-files]')
    const cell = this.cells.of(input)
    if (event.key !== 'Enter' || input.dataset.signName === undefined || event.isComposing || !holder || !cell) return
    event.preventDefault()
    void this.typed(cell, holder)
  }

  private async signed(cell: HTMLElement, pad: Pad | undefined): Promise<void> {
    const drawn = await pad?.picture()
    if (!drawn) return void this.say(cell, this.t('fill.js.file.unsigned'), 'error')
    this.waiting.push({ cell, file: drawn, name: `${this.label(cell)}.png` })
    await this.work()
  }

  private async typed(cell: HTMLElement, holder: HTMLElement): Promise<void> {
    const name = holder.querySelector<HTMLInputElement>('[data-sign-name]')?.value.trim() ?? ''
    if (!name) return void this.say(cell, this.t('fill.js.file.unsigned'), 'error')
    const path = cell.dataset.cell ?? ''
    await this.post(cell, holder.dataset.files ?? '', { cell: path, [`typed:${path}`]: name })
  }

  private async remove(cell: HTMLElement, address: string): Promise<void> {
    await this.post(cell, address, { cell: cell.dataset.cell ?? '' })
  }

  private async post(cell: HTMLElement, address: string, fields: Record<string, string>): Promise<void> {
    if (!(await this.hooks.settled())) return
    const body = new URLSearchParams({ ...fields, part: '1' })
    try {
      await this.take(cell, await fetch(address, { method: 'POST', body, credentials: 'same-origin', headers: { 'x-csrf-token': this.session.token } }))
    } catch {
      this.say(cell, this.t('fill.js.offline'), 'caution')
    }
  }

  /** Sends what waits, one after another; stops at the first that does not get through. */
  private async work(): Promise<void> {
    if (this.working) return
    this.working = true
    while (this.waiting.length) {
      const next = this.waiting[0]
      if (!next || !(await this.sent(next))) break
      this.waiting.shift()
    }
    this.working = false
  }

  private async sent({ cell, file, name }: Waiting): Promise<boolean> {
    const holder = cell.querySelector<HTMLElement>('[data-files]')
    if (!holder) return true
    const size = file.size >= MEGABYTE / 10 ? `${(file.size / MEGABYTE).toFixed(1)} MB` : `${Math.ceil(file.size / 1024)} KB`
    this.say(cell, this.t('fill.js.file.sending', { name, size }), 'hint')
    if (!(await this.hooks.settled())) return this.keep(cell, this.t('fill.js.file.offline', { name }))
    const query = new URLSearchParams({ path: cell.dataset.cell ?? '', name })
    let answer: Response
    try {
      answer = await fetch(`${holder.dataset.files}/sent?${query}`, {
        method: 'POST',
        body: file,
        credentials: 'same-origin',
        headers: { 'x-csrf-token': this.session.token, 'content-type': 'application/octet-stream' },
      })
    } catch {
      return this.keep(cell, this.t('fill.js.file.offline', { name }))
    }
    if (answer.status === 401 || answer.redirected) return this.keep(cell, this.t('fill.js.file.login'))
    if (answer.status >= 500) return this.keep(cell, this.t('fill.js.file.offline', { name }))
    await this.take(cell, answer)
    return true
  }

  /** Puts the cell as the server has it in place of what stands there. */
  private async take(cell: HTMLElement, answer: Response): Promise<void> {
    const holder = cell.querySelector<HTMLElement>('[data-files]')
    const body = await answer.text()
    if (!holder || !answer.ok || answer.redirected) return void this.say(cell, this.t('fill.js.file.failed', { reason: reason(body, answer.status) }), 'error')
    this.say(cell, '', '')
    holder.innerHTML = body
    const now = holder.querySelector<HTMLTemplateElement>('[data-cell-now]')
    const value = JSON.parse(now?.content.textContent?.trim() || 'null') as Json
    if (now) this.cells.setState(cell, now.dataset.state ?? 'entered')
    now?.remove()
    this.dress(holder)
    this.hooks.changed(cell.dataset.cell ?? '', value, Number(answer.headers.get('x-revision') ?? 0))
    if (!holder.contains(document.activeElement)) holder.focus({ preventScroll: true })
  }

  private keep(cell: HTMLElement, text: string): false {
    const line = this.say(cell, text, 'caution')
    const again = element('button', 'btn', this.t('fill.js.file.again'))
    const drop = element('button', 'btn btn-quiet', this.t('fill.js.file.drop'))
    again.type = drop.type = 'button'
    again.addEventListener('click', () => void this.work())
    drop.addEventListener('click', () => {
      this.waiting.shift()
      this.say(cell, '', '')
      void this.work()
    })
    const buttons = element('span', 'actions')
    buttons.append(again, drop)
    line?.append(buttons)
    return false
  }

  private say(cell: HTMLElement, text: string, kind: string): HTMLElement | undefined {
    const holder = cell.querySelector<HTMLElement>('[data-files]')
    holder?.parentElement?.querySelector('[data-file-told]')?.remove()
    if (!text || !holder) return undefined
    const line = element('p', kind, text)
    line.dataset.fileTold = ''
    line.setAttribute('role', kind === 'hint' ? 'status' : 'alert')
    holder.after(line)
    return line
  }

  private label(cell: HTMLElement): string {
    return cell.querySelector('[data-files]')?.getAttribute('aria-label') ?? 'signature'
  }
}

function reason(body: string, status: number): string {
  try {
    return (JSON.parse(body) as { text?: string }).text ?? String(status)
  } catch {
    return String(status)
  }
}
