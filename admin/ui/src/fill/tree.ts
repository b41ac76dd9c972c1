// A code list with levels as a box: type a name, a code or pinyin initials, or go down level by level. The list itself
// stays in the page and keeps the value, so that saving, checking and a page without scripts know nothing of the box.

import { element, type Text } from './cells'
import { boxes, Combobox } from './combobox'

const MOST = 60

interface Node {
  option: HTMLOptionElement
  depth: number
  above: number
  inner: boolean
}

/** Makes boxes of the lists of a page, and of those that come with new rows. */
export function trees(page: HTMLElement, t: Text): void {
  boxes<HTMLSelectElement>(page, 'select[data-tree]', (list) => new TreeBox(list, t))
}

class TreeBox extends Combobox<HTMLSelectElement> {
  private readonly nodes: Node[]
  private readonly back = element('button', 'link-btn')
  private at = -1 // the node whose children are shown; -1: the top
  private shown: number[] = []
  private searching = false

  constructor(select: HTMLSelectElement, private readonly t: Text) {
    super(select, t('fill.js.tree.hint'))
    this.nodes = nodesOf(select)
    this.back.type = 'button'
    this.back.tabIndex = -1
    this.panel.prepend(this.back)
    this.show()
    select.addEventListener('change', () => this.show())
    this.input.addEventListener('click', () => this.open())
    this.back.addEventListener('click', () => this.up())
  }

  protected show(): void {
    const option = this.control.selectedOptions[0]
    this.input.value = option?.value ? `${option.value} ${option.dataset.label ?? ''}` : ''
  }

  private open(): void {
    if (!this.panel.hidden || this.input.disabled) return
    const chosen = this.nodes.findIndex((one) => one.option.selected)
    this.searching = false
    this.level(chosen < 0 ? -1 : (this.nodes[chosen]?.above ?? -1), chosen)
    this.unfold()
  }

  protected override take(value: string): void {
    super.take(value)
    this.control.dispatchEvent(new Event('change', { bubbles: true }))
  }

  /** The children of a node; -1: the top. */
  private level(at: number, active = -1): void {
    this.at = at
    this.searching = false
    this.draw(this.nodes.flatMap((one, index) => (one.above === at && !one.option.hidden ? [index] : [])), active)
  }

  private up(): void {
    const here = this.at
    if (here >= 0) this.level(this.nodes[here]?.above ?? -1, here)
  }

  protected typed(): void {
    const words = this.input.value.trim().toLowerCase()
    if (this.panel.hidden) this.open()
    if (!words) return this.level(-1)
    this.searching = true
    const found = this.nodes.flatMap((one, index) => {
      const { value, dataset } = one.option
      const rank = one.option.disabled ? 0 : fits({ value, label: dataset.label ?? '', spelt: dataset.spelt ?? '' }, words)
      return rank ? [{ index, rank }] : []
    })
    found.sort((a, b) => b.rank - a.rank || a.index - b.index)
    this.draw(found.slice(0, MOST).map((one) => one.index), found[0]?.index ?? -1)
  }

  private draw(shown: number[], active: number): void {
    this.shown = shown
    const above = this.searching ? -1 : this.at
    this.back.hidden = above < 0
    if (above >= 0) this.back.textContent = `‹ ${this.trail(above, true)}`
    this.list.replaceChildren(...shown.map((index) => this.line(index)))
    if (!shown.length) this.list.append(element('li', 'quiet', this.t('fill.js.tree.none')))
    this.mark(shown.includes(active) ? active : (shown[0] ?? -1))
  }

  private line(index: number): HTMLElement {
    const { option, inner } = this.nodes[index] as Node
    const item = this.item(index, option.selected)
    item.append(element('span', 'num quiet', option.value), element('span', 'tree-name', option.dataset.label ?? option.text))
    if (this.searching && (this.nodes[index]?.above ?? -1) >= 0) item.append(element('span', 'small quiet', this.trail(this.nodes[index]?.above ?? -1)))
    if (inner && !this.searching) {
      const deeper = element('span', 'tree-deeper', '›')
      deeper.title = this.t('fill.js.tree.deeper')
      deeper.dataset.deeper = ''
      item.append(deeper)
    }
    return item
  }

  private trail(index: number, whole = false): string {
    const names: string[] = []
    for (let at = index; at >= 0; at = this.nodes[at]?.above ?? -1) names.unshift(this.nodes[at]?.option.dataset.label ?? '')
    return whole ? names.join(' › ') : names.slice(-2).join(' › ')
  }

  /** Takes a code; one that only leads to others, or whose arrow was pressed, opens what is below. */
  protected choose(index: number, deeper = false): void {
    const node = this.nodes[index]
    if (!node) return
    if (node.inner && (deeper || node.option.disabled)) {
      this.input.value = ''
      return this.level(index)
    }
    if (node.option.disabled) return
    this.take(node.option.value)
    this.show()
    this.close()
    this.input.select()
  }

  protected onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const closed = this.panel.hidden
    if (event.key === 'Enter' && closed) this.pass(event)
    else if (step && closed) this.open()
    else if (step) this.mark(this.shown[(this.shown.indexOf(this.active) + step + this.shown.length) % (this.shown.length || 1)] ?? -1)
    else if (event.key === 'Enter') this.choose(this.active)
    else if (event.key === 'Escape' && !closed) (this.show(), this.close())
    else if (event.key === 'ArrowRight' && !closed && !this.searching && this.nodes[this.active]?.inner) this.choose(this.active, true)
    else if (event.key === 'ArrowLeft' && !closed && !this.searching && this.at >= 0) this.up()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}

function nodesOf(select: HTMLSelectElement): Node[] {
  const found: Node[] = []
  const above: number[] = []
  for (const option of [...select.options].filter((one) => one.value)) {
    const depth = Number(option.dataset.depth ?? 0)
    above.length = depth
    found.push({ option, depth, above: above[depth - 1] ?? -1, inner: false })
    above[depth] = found.length - 1
    const parent = found[above[depth - 1] ?? -1]
    if (parent) parent.inner = true
  }
  return found
}

/** How well a code fits what was typed; nought: not at all. */
export function fits(option: { value: string; label: string; spelt: string }, words: string): number {
  const label = option.label.toLowerCase()
  const { spelt } = option
  const code = option.value.toLowerCase()
  if (code === words || label === words) return 6
  if (`${code} ${label}` === words) return 6
  if (code.startsWith(words)) return 5
  if (label.startsWith(words)) return 4
  if (label.includes(words)) return 3
  if (spelt.startsWith(words)) return 2
  return spelt.includes(words) && words.length > 1 ? 1 : 0
}
