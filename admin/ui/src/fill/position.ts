// A position: one press takes the device's, else it is typed as "latitude,longitude" in degrees. No map is fetched from
// anywhere: the picture shows the position among the others of the page, with north, a scale, and how sure the device was.

import { element, type Text } from './cells'

interface Point { lat: number; lon: number; label: string; here: boolean }

const TYPED = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,，]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/
const NS = 'http://www.w3.org/2000/svg'
const WIDE = 260
const HIGH = 160
const EDGE = 24
const METRES = 111_320 // a degree of latitude
const LEAST = 40 // metres that are shown at least

export function positions(page: HTMLElement, t: Text): void {
  const begin = (within: Element) => {
    for (const input of within.querySelectorAll<HTMLInputElement>('input[data-position]')) if (!input.dataset.boxed) new PositionBox(input, page, t)
  }
  begin(page)
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node instanceof Element) begin(node)
  }).observe(page, { childList: true, subtree: true })
}

export function parsePosition(text: string): { lat: number; lon: number } | null {
  const found = TYPED.exec(text)
  if (!found) return null
  const [lat, lon] = [Number(found[1]), Number(found[2])]
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null
}

class PositionBox {
  private readonly button = element('button', 'btn btn-quiet')
  private readonly said = element('p', 'hint')
  private readonly picture = element('div', 'position-picture')
  private accuracy = 0

  constructor(private readonly input: HTMLInputElement, private readonly page: HTMLElement, private readonly t: Text) {
    input.dataset.boxed = '1'
    input.placeholder = t('fill.js.position.example')
    this.button.type = 'button'
    this.button.textContent = t('fill.js.position.take')
    this.button.disabled = input.disabled
    this.button.hidden = !('geolocation' in navigator)
    this.said.setAttribute('role', 'status')
    const holder = input.closest('.with-unit') ?? input
    holder.after(this.button, this.said, this.picture)
    this.button.addEventListener('click', () => this.take())
    input.addEventListener('input', () => { this.accuracy = 0; this.said.textContent = ''; this.draw() })
    input.addEventListener('put', () => this.draw())
    new MutationObserver(() => { this.button.disabled = input.disabled }).observe(input, { attributeFilter: ['disabled'] })
    this.draw()
  }

  private take(): void {
    this.button.disabled = true
    this.said.textContent = this.t('fill.js.position.taking')
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.input.value = `${coords.latitude.toFixed(6)},${coords.longitude.toFixed(6)}`
        this.input.dispatchEvent(new Event('input', { bubbles: true }))
        this.done(this.t('fill.js.position.taken', { n: Math.max(1, Math.round(coords.accuracy)) }))
        this.accuracy = coords.accuracy
        this.draw()
      },
      (error) => this.done(this.t(`fill.js.position.${{ 1: 'denied', 3: 'late' }[error.code] ?? 'none'}`)),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
    )
  }

  private done(words: string): void {
    this.button.disabled = false
    this.said.textContent = words
  }

  /** The positions of the page, this one marked. */
  private points(): Point[] {
    const found: Point[] = []
    for (const input of this.page.querySelectorAll<HTMLInputElement>('input[data-position]')) {
      const at = parsePosition(input.value)
      const row = input.closest('tr')?.querySelector('.row-title')?.textContent?.trim()
      const label = input.closest('[data-cell]')?.querySelector('label')?.firstChild?.textContent?.trim() ?? ''
      if (at) found.push({ ...at, label: row || label, here: input === this.input })
    }
    return found
  }

  private draw(): void {
    const points = this.points()
    const here = points.find((one) => one.here)
    this.picture.replaceChildren()
    if (here) this.picture.append(drawn(points, here, this.accuracy, this.t('fill.js.position.north'), this.t('fill.js.position.picture', { at: this.input.value })))
  }
}

/** Points on a plane around the one that is shown: good to a metre over the size of a town. */
function drawn(points: Point[], here: Point, accuracy: number, north: string, title: string): SVGSVGElement {
  const shrink = Math.cos((here.lat * Math.PI) / 180)
  const flat = points.map((one) => ({ ...one, x: (one.lon - here.lon) * METRES * shrink, y: (one.lat - here.lat) * METRES }))
  const reach = Math.max(LEAST, accuracy, ...flat.map((one) => Math.max(Math.abs(one.x) * (HIGH / WIDE), Math.abs(one.y))))
  const scale = (HIGH / 2 - EDGE) / reach
  const svg = node('svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, width: WIDE, height: HIGH, role: 'img', 'aria-label': title })
  const place = (x: number, y: number) => ({ cx: WIDE / 2 + x * scale, cy: HIGH / 2 - y * scale })
  if (accuracy) svg.append(node('circle', { ...place(0, 0), r: accuracy * scale, class: 'position-doubt' }))
  for (const one of flat) {
    const at = place(one.x, one.y)
    svg.append(node('circle', { ...at, r: one.here ? 6 : 4, class: one.here ? 'position-here' : 'position-other' }))
    if (!one.here || points.length === 1) svg.append(words(one.label.slice(0, 12), at.cx + 8, at.cy + 4))
  }
  const bar = nice((reach * WIDE) / HIGH / 2)
  svg.append(node('path', { d: `M12 ${HIGH - 14}v6h${bar * scale}v-6`, class: 'position-line' }), words(bar < 1000 ? `${bar} m` : `${bar / 1000} km`, 16 + bar * scale, HIGH - 8))
  svg.append(node('path', { d: `M${WIDE - 18} 34V12m-5 7l5-7l5 7`, class: 'position-line' }), words(north, WIDE - 22, 50))
  return svg
}

/** A round length of at most this many metres. */
function nice(metres: number): number {
  const ten = 10 ** Math.floor(Math.log10(metres))
  return [5, 2, 1].map((one) => one * ten).find((one) => one <= metres) ?? ten
}

function words(text: string, x: number, y: number): SVGElement {
  const made = node('text', { x, y })
  made.textContent = text
  return made
}

function node<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Record<string, string | number>): SVGElementTagNameMap[K] {
  const made = document.createElementNS(NS, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}
