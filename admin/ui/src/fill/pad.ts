// A box to sign in, with a finger, a pen or the mouse. The line follows the middle between two points, so it is round.

const INK = '#10246e'
const WIDTH = 5

export class Pad {
  private readonly pen: CanvasRenderingContext2D | null
  private last: { x: number; y: number } | null = null
  private middle: { x: number; y: number } | null = null
  private inked = false

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.pen = canvas.getContext('2d')
    canvas.addEventListener('pointerdown', (event) => this.begin(event))
    canvas.addEventListener('pointermove', (event) => this.move(event))
    for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const) canvas.addEventListener(end, () => (this.last = null))
  }

  clear(): void {
    this.pen?.clearRect(0, 0, this.canvas.width, this.canvas.height)
    this.inked = false
  }

  /** What was drawn, or nothing. */
  picture(): Promise<Blob | null> {
    if (!this.inked) return Promise.resolve(null)
    return new Promise((done) => this.canvas.toBlob(done, 'image/png'))
  }

  /** The same as text for a form: a data URL, or nothing. */
  text(): string {
    return this.inked ? this.canvas.toDataURL('image/png') : ''
  }

  /** What was drawn before and came back with the page. */
  async show(text: string): Promise<void> {
    const bytes = Uint8Array.from(atob(text.split(',')[1] ?? ''), (letter) => letter.charCodeAt(0))
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    this.pen?.drawImage(picture, 0, 0)
    this.inked = true
  }

  private begin(event: PointerEvent): void {
    if (!this.pen || !event.isPrimary) return
    event.preventDefault()
    this.canvas.setPointerCapture(event.pointerId)
    this.last = this.middle = this.at(event)
    this.pen.fillStyle = INK
    this.pen.beginPath()
    this.pen.arc(this.last.x, this.last.y, WIDTH / 2, 0, Math.PI * 2)
    this.pen.fill()
    this.inked = true
  }

  private move(event: PointerEvent): void {
    if (!this.pen || !this.last || !this.middle || !event.isPrimary) return
    event.preventDefault()
    const to = this.at(event)
    const middle = { x: (this.last.x + to.x) / 2, y: (this.last.y + to.y) / 2 }
    this.pen.strokeStyle = INK
    this.pen.lineWidth = WIDTH
    this.pen.lineCap = 'round'
    this.pen.beginPath()
    this.pen.moveTo(this.middle.x, this.middle.y)
    this.pen.quadraticCurveTo(this.last.x, this.last.y, middle.x, middle.y)
    this.pen.stroke()
    this.last = to
    this.middle = middle
  }

  private at(event: PointerEvent): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect()
    return { x: ((event.clientX - box.left) / box.width) * this.canvas.width, y: ((event.clientY - box.top) / box.height) * this.canvas.height }
  }
}
