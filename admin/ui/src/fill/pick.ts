// An organisation or a person picked by name, pinyin, code or number: the cell's own box keeps the code or id, a second
// box is what the filler types in. Without scripts the code is typed into the first.

import { element, type Text } from './cells'
import type { Json } from './queue'

interface Hit { value: string; label: string; note: string }
interface Beside { path: string; value: Json; display: string }

const WAIT = 250
let made = 0

export class Picks {
  constructor(
    page: HTMLElement,
    readonly address: string,
    readonly t: Text,
    /** Puts what is known of a picked person into the cells beside. */
    readonly fill: (path: string, value: Json) => void,
  ) {
    this.begin(page)
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) if (node instanceof Element) this.begin(node)
    }).observe(page, { childList: true, subtree: true })
  }

  private begin(within: Element): void {
    for (const input of within.querySelectorAll<HTMLInputElement>('input[data-pick]')) if (!input.dataset.boxed) new PickBox(input, this)
  }
}

class PickBox {
  private readonly path: string
  private readonly input = element('input', 'tree-input')
  private readonly panel = element('div', 'tree-panel')
  private readonly list = element('ul', 'tree-list')
  private readonly labels = new Map<string, string>()
  private hits: Hit[] = []
  private active = -1
  private timer = 0

  constructor(private readonly value: HTMLInputElement, private readonly all: Picks) {
    value.dataset.boxed = '1'
    made += 1
    const cell = value.closest<HTMLElement>('[data-cell]')
    this.path = cell?.dataset.cell ?? ''
    const name = cell?.querySelector('label')?.firstChild?.textContent?.trim() ?? ''
    if (value.value && value.dataset.label) this.labels.set(value.value, value.dataset.label)
    Object.assign(this.input, { type: 'text', autocomplete: 'off', placeholder: all.t(`fill.js.pick.${value.dataset.pick}`), disabled: value.disabled })
    set(this.input, { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': `pick${made}`, 'aria-label': name })
    set(this.input, { 'aria-describedby': value.getAttribute('aria-describedby') ?? '' })
    set(this.list, { role: 'listbox', id: `pick${made}`, 'aria-label': name })
    this.panel.hidden = true
    this.panel.append(this.list)
    const box = element('span', 'tree-box')
    box.append(this.input, this.panel)
    value.classList.add('hide-visually')
    value.tabIndex = -1
    value.setAttribute('aria-hidden', 'true') // the box stands for it
    value.after(box)
    this.show()
    value.addEventListener('focus', () => this.input.focus())
    value.addEventListener('put', () => this.show())
    this.input.addEventListener('focus', () => this.input.select())
    this.input.addEventListener('click', () => { if (value.dataset.pick === 'organisation') this.ask() })
    this.input.addEventListener('input', (event) => (event.stopPropagation(), this.ask()))
    this.input.addEventListener('change', (event) => event.stopPropagation())
    this.input.addEventListener('keydown', (event) => this.onKey(event))
    this.input.addEventListener('blur', () => this.leave())
    this.panel.addEventListener('mousedown', (event) => event.preventDefault()) // the box keeps the focus
    this.list.addEventListener('click', (event) => {
      const item = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')
      if (item) this.choose(Number(item.dataset.index))
    })
    new MutationObserver(() => { this.input.disabled = value.disabled }).observe(value, { attributeFilter: ['disabled'] })
  }

  private show(): void {
    this.input.value = this.labels.get(this.value.value) ?? this.value.value
  }

  private ask(): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => void this.search(), WAIT)
  }

  private async search(): Promise<void> {
    const shown = this.labels.get(this.value.value)
    const words = this.input.value === shown ? '' : this.input.value.trim()
    if (!words && this.value.dataset.pick === 'person') return this.close()
    const asked = new URLSearchParams({ path: this.path, q: words })
    const answer = await fetch(`${this.all.address}/pick?${asked}`, { headers: { accept: 'application/json' } }).catch(() => null)
    const told = (await answer?.json().catch(() => null)) as { candidates?: Hit[]; text?: string } | null
    if (document.activeElement !== this.input) return
    this.hits = told?.candidates ?? []
    this.draw(answer?.ok ? this.all.t('fill.js.pick.none') : (told?.text ?? this.all.t('fill.js.pick.offline')))
  }

  private draw(otherwise: string): void {
    const lines = this.hits.map((hit, index) => {
      const item = element('li', 'tree-item')
      set(item, { role: 'option', id: `${this.list.id}.${index}`, 'aria-selected': String(hit.value === this.value.value), 'data-index': String(index) })
      item.append(element('span', 'tree-name', hit.label), element('span', 'small quiet', hit.note))
      return item
    })
    this.list.replaceChildren(...(lines.length ? lines : [element('li', 'quiet', otherwise)]))
    this.panel.hidden = false
    this.input.setAttribute('aria-expanded', 'true')
    this.panel.scrollIntoView({ block: 'nearest' })
    this.mark(lines.length ? 0 : -1)
  }

  private close(): void {
    window.clearTimeout(this.timer)
    this.panel.hidden = true
    this.hits = []
    this.input.setAttribute('aria-expanded', 'false')
    this.input.removeAttribute('aria-activedescendant')
  }

  /** Emptied: nobody; half a word: who was picked before. */
  private leave(): void {
    if (!this.input.value.trim() && this.value.value) this.take('')
    this.show()
    this.close()
  }

  private take(value: string): void {
    this.value.value = value
    this.value.dispatchEvent(new Event('input', { bubbles: true }))
  }

  private choose(index: number): void {
    const hit = this.hits[index]
    if (!hit) return
    this.labels.set(hit.value, hit.label)
    this.take(hit.value)
    this.show()
    this.close()
    if (this.value.dataset.pick === 'person') void this.bring(hit.value)
  }

  private async bring(person: string): Promise<void> {
    const asked = new URLSearchParams({ path: this.path, value: person })
    const answer = await fetch(`${this.all.address}/picked?${asked}`, { headers: { accept: 'application/json' } }).catch(() => null)
    if (!answer?.ok || this.value.value !== person) return
    const told = (await answer.json()) as { cells: Beside[] }
    for (const cell of told.cells) this.all.fill(cell.path, cell.value)
  }

  private mark(index: number): void {
    this.active = index
    for (const item of this.list.querySelectorAll<HTMLElement>('[data-index]')) item.classList.toggle('active', item.dataset.index === String(index))
    const item = this.list.querySelector('.active')
    if (item) this.input.setAttribute('aria-activedescendant', item.id)
    item?.scrollIntoView({ block: 'nearest' })
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const count = this.hits.length
    if (step && count) this.mark((this.active + step + count) % count)
    else if (event.key === 'Enter' && !this.panel.hidden) this.choose(this.active)
    else if (event.key === 'Enter') this.value.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', shiftKey: event.shiftKey, bubbles: true, cancelable: true }))
    else if (event.key === 'Escape' && !this.panel.hidden) (this.show(), this.close())
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}

function set(node: Element, attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
}
