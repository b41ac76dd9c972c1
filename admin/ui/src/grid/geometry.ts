// Where rows and columns stand, and which of them a window onto the sheet shows.

export interface Span {
  first: number
  /** One after the last. */
  end: number
}

export class Geometry {
  readonly lefts: readonly number[]
  readonly width: number

  constructor(
    readonly widths: readonly number[],
    readonly rowHeight: number,
    readonly stubWidth: number,
    readonly headHeight: number,
  ) {
    const lefts: number[] = []
    let left = stubWidth
    for (const width of widths) {
      lefts.push(left)
      left += width
    }
    this.lefts = lefts
    this.width = left
  }

  rows(top: number, height: number, count: number): Span {
    const spare = Math.ceil(height / this.rowHeight)
    const first = Math.floor(top / this.rowHeight)
    return { first: Math.max(0, first - spare), end: Math.min(count, first + 2 * spare + 1) }
  }

  columns(left: number, width: number): Span {
    let first = 0
    while (first < this.widths.length - 1 && (this.lefts[first] ?? 0) + (this.widths[first] ?? 0) < left + this.stubWidth) first += 1
    let end = first
    while (end < this.widths.length && (this.lefts[end] ?? 0) < left + width) end += 1
    return { first: Math.max(0, first - 2), end: Math.min(this.widths.length, end + 2) }
  }
}

/** A rectangle of cells from where it was begun to where it ends now. */
export class Selection {
  constructor(
    readonly row: number,
    readonly column: number,
    readonly toRow = row,
    readonly toColumn = column,
  ) {}

  get top(): number {
    return Math.min(this.row, this.toRow)
  }
  get bottom(): number {
    return Math.max(this.row, this.toRow)
  }
  get left(): number {
    return Math.min(this.column, this.toColumn)
  }
  get right(): number {
    return Math.max(this.column, this.toColumn)
  }
  get single(): boolean {
    return this.top === this.bottom && this.left === this.right
  }

  has(row: number, column: number): boolean {
    return row >= this.top && row <= this.bottom && column >= this.left && column <= this.right
  }

  *cells(): Iterable<[number, number]> {
    for (let row = this.top; row <= this.bottom; row += 1) {
      for (let column = this.left; column <= this.right; column += 1) yield [row, column]
    }
  }
}
