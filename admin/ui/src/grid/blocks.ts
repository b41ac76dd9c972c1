// Whole blocks of cells: pasted, copied, cut, filled down. Names among what is pasted are asked of the server first.

import type { Text } from '../fill/cells'
import { parseTable } from '../fill/rows'
import { copied, texts } from './clipboard'
import { Selection } from './geometry'
import type { Picking } from './picking'
import type { Sheet } from './sheet'

/** What a block needs of the grid. */
export interface Holder {
  selection: Selection
  readonly typing: boolean
  refresh(): void
  /** Says what names could not be told. */
  warn(untold: string[]): void
}

export class Blocks {
  constructor(
    private readonly sheet: Sheet,
    private readonly picking: Picking,
    private readonly grid: Holder,
    private readonly t: Text,
    private readonly say: (text: string) => void,
  ) {}

  down(): void {
    const { top, bottom, left, right } = this.grid.selection
    const from = top === bottom ? top - 1 : top
    if (from < 0) return
    this.report(this.sheet.down(from, Math.max(bottom, from + 1), left, right))
  }

  paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text/plain') ?? ''
    if (this.grid.typing || !text) return
    event.preventDefault()
    event.stopPropagation()
    const { top, left, bottom, right, single } = this.grid.selection
    const block = parseTable(text)
    const one = block.length === 1 && block[0]?.length === 1 ? block[0][0] : undefined
    const spread = !single && one !== undefined
    const pasted = spread ? Array.from({ length: bottom - top + 1 }, () => Array<string>(right - left + 1).fill(one)) : block
    const waiting = this.picking.ask(top, left, pasted)
    if (waiting) void waiting.then(() => this.fill(top, left, pasted))
    else this.fill(top, left, pasted)
  }

  private fill(top: number, left: number, pasted: string[][]): void {
    const result = this.sheet.fill(top, left, pasted)
    this.grid.selection = new Selection(top, left, Math.min(top + result.rows, this.sheet.rows.length) - 1, Math.min(left + result.columns, this.sheet.columns.length) - 1)
    this.report(result, this.picking.untold(left, pasted))
  }

  private report(result: { filled: number; skipped: number }, untold: string[] = []): void {
    this.grid.warn(untold)
    const parts = [this.t('fill.js.pasted', { n: result.filled })]
    if (result.skipped) parts.push(this.t('fill.js.skipped', { n: result.skipped }))
    this.say(parts.join(' '))
    this.grid.refresh()
  }

  copy(event: ClipboardEvent, cut: boolean): void {
    if (this.grid.typing) return
    event.preventDefault()
    event.stopPropagation()
    const { top, bottom, left, right } = this.grid.selection
    event.clipboardData?.setData('text/plain', copied(texts(this.sheet, this.grid.selection)))
    this.say(this.t('grid.js.copied', { n: (bottom - top + 1) * (right - left + 1) }))
    if (cut) {
      this.sheet.clear(this.grid.selection.cells())
      this.grid.refresh()
    }
  }
}
