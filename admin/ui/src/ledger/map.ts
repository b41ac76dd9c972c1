// The map of a ledger: drag over it, and the area is a filter. Groups and rows are links and need no script.

const NS = 5 // units that a hand trembles

export function watchMap(): void {
  const map = document.querySelector<SVGSVGElement>('svg[data-map]')
  const area = map?.querySelector<SVGRectElement>('[data-map-area]')
  if (!map || !area) return
  for (const hint of document.querySelectorAll<HTMLElement>('[data-needs-script]')) hint.hidden = false
  let from: { x: number; y: number } | null = null

  const at = (event: PointerEvent) => {
    const box = map.getBoundingClientRect()
    const view = map.viewBox.baseVal
    const scale = Math.max(view.width / box.width, view.height / box.height)
    return {
      x: (event.clientX - box.left - (box.width - view.width / scale) / 2) * scale,
      y: (event.clientY - box.top - (box.height - view.height / scale) / 2) * scale,
    }
  }
  const drawn = (to: { x: number; y: number }) => {
    if (!from) return null
    const box = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), w: Math.abs(to.x - from.x), h: Math.abs(to.y - from.y) }
    return box.w > NS && box.h > NS ? box : null
  }
  map.addEventListener('dragstart', (event) => event.preventDefault())
  map.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'touch' || event.button !== 0) return
    from = at(event)
  })
  map.addEventListener('pointermove', (event) => {
    const box = drawn(at(event))
    if (!box) return
    if (!map.hasPointerCapture(event.pointerId)) map.setPointerCapture(event.pointerId)
    area.removeAttribute('hidden')
    for (const [name, value] of Object.entries({ x: box.x, y: box.y, width: box.w, height: box.h })) area.setAttribute(name, String(value))
  })
  map.addEventListener('pointerup', (event) => {
    const box = drawn(at(event))
    from = null
    area.setAttribute('hidden', '')
    if (box) choose(map, box)
  })
  map.addEventListener('pointercancel', () => {
    from = null
    area.setAttribute('hidden', '')
  })
  map.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    from = null
    area.setAttribute('hidden', '')
  })
}

function choose(map: SVGSVGElement, box: { x: number; y: number; w: number; h: number }): void {
  const told = map.dataset
  const [north, west, down, right] = [told.north, told.west, told.down, told.right].map(Number) as [number, number, number, number]
  const lat = (y: number) => (north - y * down).toFixed(6)
  const lon = (x: number) => (west + x * right).toFixed(6)
  const inside = `${told.column}:within:${lat(box.y + box.h)},${lon(box.x)}|${lat(box.y)},${lon(box.x + box.w)}`
  const base = told.base ?? ''
  window.location.assign(`${base}${base.includes('?') ? '&' : '?'}f=${encodeURIComponent(inside)}`)
}
