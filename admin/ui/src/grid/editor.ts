// The one control of a sheet: a box that always has the focus, so that any key and any Chinese input method begins to
// type at once; for cells with choices a list opens over the cell instead.

import { element } from '../fill/cells'
import type { ColumnData } from './data'
import { choicesOf } from './text'

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

export class Editor {
  readonly input: HTMLTextAreaElement
  private readonly list: HTMLSelectElement
  editing = false

  constructor(
    holder: HTMLElement,
    private readonly onStart: () => void,
    private readonly onDone: (text: string) => void,
    private readonly onLeave: () => void,
  ) {
    this.input = element('textarea', 'sheet-editor')
    this.input.rows = 1
    this.input.spellcheck = false
    this.input.setAttribute('autocomplete', 'off')
    this.list = element('select', 'sheet-list')
    this.list.hidden = true
    this.list.tabIndex = -1
    holder.append(this.input, this.list)
    this.input.addEventListener('input', () => {
      if (!this.editing) this.open()
    })
    this.list.addEventListener('change', () => this.finish(this.list.value))
    this.list.addEventListener('blur', () => this.cancel(false))
  }

  place(box: Box, label: string): void {
    for (const control of [this.input, this.list]) {
      control.style.transform = `translate(${box.left}px, ${box.top}px)`
      control.style.width = `${box.width}px`
      control.style.height = `${box.height}px`
      control.setAttribute('aria-label', label)
    }
  }

  /** Begins with what stands in the cell, or with what was typed. */
  open(text?: string): void {
    this.editing = true
    this.input.classList.add('editing')
    if (text !== undefined) this.input.value = text
    this.onStart()
  }

  choose(column: ColumnData, words: readonly [string, string], current: string): void {
    const labels = choicesOf(column, words)
    this.list.replaceChildren(...['', ...labels].map((label) => new Option(label, label, false, label === current)))
    this.list.value = current
    this.list.hidden = false
    this.editing = true
    this.list.focus()
    try {
      this.list.showPicker()
    } catch {
      // An older browser opens the list by a key or a press.
    }
  }

  get choosing(): boolean {
    return !this.list.hidden
  }

  /** Takes what stands in the box. */
  commit(): void {
    if (this.choosing) this.finish(this.list.value)
    else if (this.editing) this.finish(this.input.value)
  }

  cancel(focus = true): void {
    if (!this.editing) return
    this.close(focus)
    this.onLeave()
  }

  focus(): void {
    this.input.focus({ preventScroll: true })
  }

  private finish(text: string): void {
    this.close(true)
    this.onDone(text)
  }

  /** Ends without a text: something was chosen from what was offered. */
  leave(): void {
    this.close(true)
    this.onLeave()
  }

  private close(focus: boolean): void {
    this.editing = false
    this.input.value = ''
    this.input.classList.remove('editing')
    this.list.hidden = true
    if (focus) this.focus()
  }
}
