// Shows and hides, requires and locks cells of the page as the form's conditions say while somebody types.

import type { Applied } from '../live/conditions'
import { under } from '../live/plan'
import type { Cells } from './cells'

export class Shown {
  constructor(
    private readonly form: HTMLFormElement,
    private readonly cells: Cells,
  ) {}

  apply(told: Applied): void {
    for (const cell of this.form.querySelectorAll<HTMLElement>('[data-cell]')) this.cell(cell, cell.dataset.cell ?? '', told)
    for (const table of this.form.querySelectorAll<HTMLElement>('[data-table]')) table.hidden = under(table.dataset.table ?? '', told.hidden)
    for (const head of this.form.querySelectorAll<HTMLElement>('[data-group]')) head.hidden = under(head.dataset.group ?? '', told.hidden)
    for (const section of this.form.querySelectorAll<HTMLElement>('[data-section]')) {
      const parts = [...section.querySelectorAll<HTMLElement>('.cell[data-cell], [data-table]')]
      section.hidden = parts.length > 0 && parts.every((part) => part.hidden)
    }
  }

  private cell(cell: HTMLElement, path: string, told: Applied): void {
    const hidden = under(path, told.hidden)
    cell.toggleAttribute('data-hidden', hidden)
    if (cell.tagName === 'TD') cell.classList.toggle('not-shown', hidden)
    else cell.hidden = hidden
    this.require(cell, !hidden && (told.required.has(path) || cell.dataset.always === '1'))
    const held = under(path, told.readonly)
    for (const control of this.cells.controls(cell)) control.disabled = held || (hidden && cell.tagName === 'TD')
    this.offer(cell, told.refused.get(path))
    this.cells.count(cell)
  }

  private require(cell: HTMLElement, required: boolean): void {
    const was = cell.dataset.required === '1'
    if (was === required) return
    if (required) cell.dataset.required = '1'
    else delete cell.dataset.required
    const mark = cell.querySelector<HTMLElement>('.required')
    if (mark) mark.hidden = !required
    if (required && cell.dataset.state === 'blank') this.cells.setState(cell, 'todo')
    else if (!required && cell.dataset.state === 'todo') this.cells.setState(cell, 'blank')
  }

  private offer(cell: HTMLElement, refused: ReadonlySet<string> | undefined): void {
    for (const option of cell.querySelectorAll<HTMLOptionElement>('option[value]:not([value=""])')) {
      const off = refused?.has(option.value) ?? false
      if (option.hidden !== off) option.hidden = option.disabled = off
    }
    for (const box of cell.querySelectorAll<HTMLInputElement>('input[type="checkbox"][name^="v:"]')) {
      const label = box.closest('label')
      if (label) label.hidden = refused?.has(box.value) ?? false
    }
  }
}
