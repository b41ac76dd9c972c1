// The list under a cell that is typed into: whom or what it may hold. The box keeps the focus; the list is told to screen
// readers as what the box points at.

import { element } from '../fill/cells'
import type { Hit } from './called'

export type Search = (words: string) => Promise<Hit[] | string> | Hit[]

const WAIT = 250

export class Offers {
  private readonly panel = element('div', 'tree-panel sheet-offers')
  private readonly list = element('ul', 'tree-list')
  private hits: Hit[] = []
  private active = -1
  private search: Search | null = null
  private timer = 0
  private asked = 0

  constructor(
    private readonly holder: HTMLElement,
    private readonly input: HTMLTextAreaElement,
    id: string,
    private readonly tell: (count: number) => void,
    private readonly onChoose: (hit: Hit) => void,
  ) {
    this.panel.hidden = true
    this.list.id = `${id}-offers`
    this.list.setAttribute('role', 'listbox')
    this.panel.append(this.list)
    holder.append(this.panel)
    input.addEventListener('input', () => this.typed())
    this.panel.addEventListener('mousedown', (event) => event.preventDefault()) // the box keeps the focus
    this.list.addEventListener('click', (event) => {
      const item = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')
      if (item) this.choose(Number(item.dataset.index))
    })
  }

  /** Whether a key belongs to the list now. */
  get open(): boolean {
    return this.search !== null && !this.panel.hidden && this.hits.length > 0
  }

  begin(search: Search, label: string): void {
    this.search = search
    this.list.setAttribute('aria-label', label)
    this.input.setAttribute('aria-autocomplete', 'list')
    this.look('')
  }

  end(): void {
    window.clearTimeout(this.timer)
    this.asked += 1
    this.search = null
    this.hits = []
    this.panel.hidden = true
    this.input.removeAttribute('aria-autocomplete')
  }

  move(step: 1 | -1): void {
    this.mark((this.active + step + this.hits.length) % this.hits.length)
  }

  /** Takes the marked one; false when none is. */
  take(): boolean {
    const there = this.open && this.active >= 0
    if (there) this.choose(this.active)
    return there
  }

  private typed(): void {
    if (!this.search) return
    window.clearTimeout(this.timer)
    const words = this.input.value.trim()
    this.timer = window.setTimeout(() => this.look(words), WAIT)
  }

  private look(words: string): void {
    const found = this.search?.(words) ?? []
    const mine = (this.asked += 1)
    void Promise.resolve(found).then((hits) => {
      if (mine === this.asked && this.search) this.draw(hits, words)
    })
  }

  private draw(told: Hit[] | string, words: string): void {
    this.hits = Array.isArray(told) ? told : []
    const lines = this.hits.map((hit, index) => {
      const item = element('li', 'tree-item')
      item.id = `${this.list.id}.${index}`
      item.setAttribute('role', 'option')
      item.setAttribute('aria-selected', 'false')
      item.dataset.index = String(index)
      item.append(element('span', 'tree-name', hit.label), element('span', 'small quiet', hit.note))
      return item
    })
    if (typeof told === 'string') lines.push(element('li', 'quiet', told))
    this.list.replaceChildren(...lines)
    this.panel.hidden = lines.length === 0
    this.place()
    this.mark(words && this.hits.length ? 0 : -1)
    if (words) this.tell(this.hits.length)
  }

  /** Under the cell, or above it where there is no room below. */
  place(): void {
    if (this.panel.hidden) return
    const cell = this.input.getBoundingClientRect()
    const around = this.holder.getBoundingClientRect()
    const height = this.panel.offsetHeight
    const below = cell.bottom + height < window.innerHeight || cell.top < height
    this.panel.style.left = `${Math.max(0, Math.min(cell.left - around.left, around.width - this.panel.offsetWidth))}px`
    this.panel.style.top = `${(below ? cell.bottom : cell.top - height - 6) - around.top}px`
  }

  private mark(index: number): void {
    this.active = index
    for (const item of this.list.querySelectorAll<HTMLElement>('[data-index]')) {
      const here = item.dataset.index === String(index)
      item.classList.toggle('active', here)
      item.setAttribute('aria-selected', String(here))
      if (!here) continue
      this.input.setAttribute('aria-activedescendant', item.id)
      item.scrollIntoView({ block: 'nearest' })
    }
  }

  private choose(index: number): void {
    const hit = this.hits[index]
    if (hit) this.onChoose(hit)
  }
}
