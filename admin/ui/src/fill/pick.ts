// An organisation or a person picked by name, pinyin, code or number: the cell's own box keeps the code or id, a second
// box is what the filler types in. Without scripts the code is typed into the first.

import { element, type Text } from './cells'
import { boxes, Combobox } from './combobox'
import type { Json } from './queue'

interface Hit { value: string; label: string; note: string }
interface Beside { path: string; value: Json; display: string }

const WAIT = 250

export class Picks {
  constructor(
    page: HTMLElement,
    readonly address: string,
    readonly t: Text,
    /** Puts what is known of a picked person into the cells beside. */
    readonly fill: (path: string, value: Json) => void,
  ) {
    boxes<HTMLInputElement>(page, 'input[data-pick]', (input) => new PickBox(input, this))
  }
}

class PickBox extends Combobox<HTMLInputElement> {
  private readonly path: string
  private readonly labels = new Map<string, string>()
  private hits: Hit[] = []
  private timer = 0

  constructor(value: HTMLInputElement, private readonly all: Picks) {
    super(value, all.t(`fill.js.pick.${value.dataset.pick}`))
    this.path = value.dataset.path ?? value.closest<HTMLElement>('[data-cell]')?.dataset.cell ?? ''
    if (value.value && value.dataset.label) this.labels.set(value.value, value.dataset.label)
    this.show()
    this.input.addEventListener('click', () => { if (value.dataset.pick === 'organisation') this.typed() })
  }

  protected show(): void {
    this.input.value = this.labels.get(this.control.value) ?? this.control.value
  }

  protected typed(): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => void this.search(), WAIT)
  }

  private async search(): Promise<void> {
    const shown = this.labels.get(this.control.value)
    const words = this.input.value === shown ? '' : this.input.value.trim()
    if (!words && this.control.dataset.pick !== 'organisation') return this.close()
    const asked = new URLSearchParams({ path: this.path, q: words })
    const answer = await fetch(`${this.all.address}/pick?${asked}`, { headers: { accept: 'application/json' } }).catch(() => null)
    const told = (await answer?.json().catch(() => null)) as { candidates?: Hit[]; text?: string } | null
    if (document.activeElement !== this.input) return
    this.hits = told?.candidates ?? []
    this.draw(answer?.ok ? this.all.t('fill.js.pick.none') : (told?.text ?? this.all.t('fill.js.pick.offline')))
  }

  private draw(otherwise: string): void {
    const lines = this.hits.map((hit, index) => {
      const item = this.item(index, hit.value === this.control.value)
      item.append(element('span', 'tree-name', hit.label), element('span', 'small quiet', hit.note))
      return item
    })
    this.list.replaceChildren(...(lines.length ? lines : [element('li', 'quiet', otherwise)]))
    this.unfold()
    this.mark(lines.length ? 0 : -1)
  }

  protected override close(): void {
    window.clearTimeout(this.timer)
    this.hits = []
    super.close()
  }

  protected choose(index: number): void {
    const hit = this.hits[index]
    if (!hit) return
    this.labels.set(hit.value, hit.label)
    this.control.dataset.label = hit.label
    this.take(hit.value)
    this.show()
    this.close()
    if (this.control.dataset.pick === 'person') void this.bring(hit.value)
  }

  private async bring(person: string): Promise<void> {
    const asked = new URLSearchParams({ path: this.path, value: person })
    const answer = await fetch(`${this.all.address}/picked?${asked}`, { headers: { accept: 'application/json' } }).catch(() => null)
    if (!answer?.ok || this.control.value !== person) return
    const told = (await answer.json()) as { cells: Beside[] }
    for (const cell of told.cells) this.all.fill(cell.path, cell.value)
  }

  protected onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const count = this.hits.length
    if (step && count) this.mark((this.active + step + count) % count)
    else if (event.key === 'Enter' && !this.panel.hidden) this.choose(this.active)
    else if (event.key === 'Enter') this.pass(event)
    else if (event.key === 'Escape' && !this.panel.hidden) (this.show(), this.close())
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}
