// A box to type in that stands for a control of the page: the control keeps the value, so that saving, checking and a
// page without scripts know nothing of the box. What is offered, and what a choice does, is each kind's own.

import { element } from './cells'

let made = 0

export abstract class Combobox<Control extends HTMLInputElement | HTMLSelectElement> {
  protected readonly input = element('input', 'tree-input')
  protected readonly panel = element('div', 'tree-panel')
  protected readonly list = element('ul', 'tree-list')
  protected active = -1

  constructor(protected readonly control: Control, placeholder: string) {
    control.dataset.boxed = '1'
    made += 1
    const name = (control.closest('[data-cell]')?.querySelector('label') ?? control.labels?.[0])?.firstChild?.textContent?.trim() ?? ''
    const id = `offered${made}`
    Object.assign(this.input, { type: 'text', autocomplete: 'off', placeholder, disabled: control.disabled })
    set(this.input, { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id, 'aria-label': name })
    set(this.input, { 'aria-describedby': control.getAttribute('aria-describedby') ?? '' })
    set(this.list, { role: 'listbox', id, 'aria-label': name })
    this.panel.hidden = true
    this.panel.append(this.list)
    const box = element('span', 'tree-box')
    box.append(this.input, this.panel)
    control.classList.add('hide-visually')
    control.tabIndex = -1
    control.setAttribute('aria-hidden', 'true') // the box stands for it
    control.after(box)
    control.addEventListener('focus', () => this.input.focus())
    control.addEventListener('put', () => this.show())
    this.input.addEventListener('focus', () => this.input.select())
    this.input.addEventListener('input', (event) => (event.stopPropagation(), this.typed()))
    this.input.addEventListener('change', (event) => event.stopPropagation())
    this.input.addEventListener('keydown', (event) => { if (!event.isComposing) this.onKey(event) })
    this.input.addEventListener('blur', () => this.leave())
    this.panel.addEventListener('mousedown', (event) => event.preventDefault()) // the box keeps the focus
    this.list.addEventListener('click', (event) => {
      const target = event.target as HTMLElement
      const item = target.closest<HTMLElement>('[data-index]')
      if (item) this.choose(Number(item.dataset.index), target.closest('[data-deeper]') !== null)
    })
    new MutationObserver(() => { this.input.disabled = control.disabled }).observe(control, { attributeFilter: ['disabled'] })
  }

  /** Shows the control's value in words. */
  protected abstract show(): void
  /** The words changed: what fits them is offered. */
  protected abstract typed(): void
  protected abstract choose(index: number, deeper: boolean): void
  protected abstract onKey(event: KeyboardEvent): void

  protected unfold(): void {
    this.panel.hidden = false
    this.input.setAttribute('aria-expanded', 'true')
    this.panel.scrollIntoView({ block: 'nearest' })
  }

  protected close(): void {
    this.panel.hidden = true
    this.input.setAttribute('aria-expanded', 'false')
    this.input.removeAttribute('aria-activedescendant')
  }

  protected item(index: number, chosen: boolean): HTMLElement {
    const item = element('li', 'tree-item')
    set(item, { role: 'option', id: `${this.list.id}.${index}`, 'aria-selected': String(chosen), 'data-index': String(index) })
    return item
  }

  protected mark(index: number): void {
    this.active = index
    for (const item of this.list.querySelectorAll<HTMLElement>('[data-index]')) item.classList.toggle('active', item.dataset.index === String(index))
    const item = this.list.querySelector('.active')
    if (item) this.input.setAttribute('aria-activedescendant', item.id)
    else this.input.removeAttribute('aria-activedescendant')
    item?.scrollIntoView({ block: 'nearest' })
  }

  protected take(value: string): void {
    this.control.value = value
    this.control.dispatchEvent(new Event('input', { bubbles: true }))
  }

  /** Enter in a closed box goes on to the next cell, as in every other. */
  protected pass(event: KeyboardEvent): void {
    this.control.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', shiftKey: event.shiftKey, bubbles: true, cancelable: true }))
  }

  /** Emptied: nothing; half a word: what was chosen before. */
  private leave(): void {
    if (!this.input.value.trim() && this.control.value) this.take('')
    this.show()
    this.close()
  }
}

/** Makes boxes of the controls of a page, and of those that come with new rows. */
export function boxes<Control extends HTMLElement>(page: HTMLElement, selector: string, make: (control: Control) => void): void {
  const begin = (within: Element) => { for (const one of within.querySelectorAll<Control>(selector)) if (!one.dataset.boxed) make(one) }
  begin(page)
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node instanceof Element) begin(node)
  }).observe(page, { childList: true, subtree: true })
}

function set(node: Element, attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
}
