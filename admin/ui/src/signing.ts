// A handwritten signature beside a decision: drawn in the box, sent with the form as a picture.

import { Pad } from './fill/pad'

const DECIDES = ['pass', 'reject']

class Signing {
  private readonly pad: Pad
  private readonly value: HTMLInputElement
  private readonly told: HTMLElement

  constructor(
    private readonly box: HTMLElement,
    canvas: HTMLCanvasElement,
  ) {
    this.value = box.querySelector('[data-sign-value]') as HTMLInputElement
    this.told = box.querySelector('[data-sign-told]') as HTMLElement
    this.pad = new Pad(canvas)
    for (const part of box.querySelectorAll<HTMLElement>('[data-sign-script]')) part.hidden = false
    if (this.value.value) void this.pad.show(this.value.value)
    box.querySelector('[data-sign-clear]')?.addEventListener('click', () => {
      this.pad.clear()
      this.value.value = ''
    })
    canvas.addEventListener('pointerdown', () => (this.told.hidden = true))
    box.closest('form')?.addEventListener('submit', (event) => this.send(event))
  }

  private send(event: SubmitEvent): void {
    this.value.value = this.pad.text()
    const button = event.submitter as HTMLButtonElement | null
    const ticked = this.box.closest('form')?.querySelector('[data-signs]:checked')
    if (!(ticked || DECIDES.includes(button?.value ?? '')) || this.given()) return
    event.preventDefault()
    event.stopImmediatePropagation()
    this.told.hidden = false
    this.box.scrollIntoView({ block: 'center' })
    this.box.focus({ preventScroll: true })
  }

  private given(): boolean {
    const others = this.box.querySelectorAll<HTMLInputElement>('input[name="typed"], input[type="file"]')
    return Boolean(this.value.value) || [...others].some((one) => one.value.trim() !== '')
  }
}

export function watchSigning(): void {
  for (const box of document.querySelectorAll<HTMLElement>('[data-signing]')) {
    const canvas = box.querySelector<HTMLCanvasElement>('[data-sign-pad]')
    if (canvas) new Signing(box, canvas)
  }
}
