// Dragging with mouse, pen or finger: a thing is taken by its handle and put where [data-drop] allows it.
// Our own because Vue owns these lists and the page's phone has no drag events; keys do the same moves.

import type { Place } from './types'

export interface Load {
  /** What may take it: 'item' goes into sections and tables, 'entry' into sections only, 'row', 'section'. */
  kind: 'item' | 'entry' | 'row' | 'section'
  label: string
  /** The holder that a row or section does not leave. */
  within?: string
}

const START = 6
const EDGE = 110

let ghost: HTMLElement | null = null
let marked: HTMLElement | null = null

function unmark(): void {
  marked?.classList.remove('drop-before', 'drop-after', 'drop-into')
  marked = null
}

interface Target {
  element: HTMLElement
  place: Place
}

function target(x: number, y: number, load: Load): Target | null {
  const found = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-drop]')
  if (!found) return null
  const { drop = '', into = '', section = '', name = '', next = '', within } = found.dataset
  const takes = drop.split(' ')
  if (!takes.includes(load.kind) || (load.within !== undefined && load.within !== within)) return null
  unmark()
  marked = found
  if (!name) {
    found.classList.add('drop-into')
    return { element: found, place: { into, section, before: '' } }
  }
  const box = found.getBoundingClientRect()
  const first = found.dataset.across ? x < box.left + box.width / 2 : y < box.top + box.height / 2
  found.classList.add(first ? 'drop-before' : 'drop-after')
  return { element: found, place: { into, section, before: first ? name : next } }
}

/** Near the top or bottom the page moves by itself, for as long as the pointer stays there. */
function scroll(y: number): void {
  if (y < EDGE) window.scrollBy(0, -12)
  else if (y > window.innerHeight - EDGE) window.scrollBy(0, 12)
}

export function startDrag(event: PointerEvent, load: Load, drop: (place: Place) => void): void {
  if (event.button > 0) return
  const handle = event.currentTarget as HTMLElement
  const [x0, y0] = [event.clientX, event.clientY]
  let found: Target | null = null
  let going = false
  let at: [number, number] = [x0, y0]
  let timer = 0

  function look(): void {
    scroll(at[1])
    unmark()
    found = target(at[0], at[1], load)
  }

  function move(now: PointerEvent): void {
    if (now.pointerId !== event.pointerId) return
    if (!going && Math.hypot(now.clientX - x0, now.clientY - y0) < START) return
    if (!going) {
      going = true
      ghost = document.createElement('div')
      ghost.className = 'drag-ghost'
      ghost.textContent = load.label
      document.body.append(ghost)
      document.body.classList.add('dragging')
      timer = window.setInterval(look, 40)
    }
    now.preventDefault()
    at = [now.clientX, now.clientY]
    if (ghost) ghost.style.transform = `translate(${at[0] + 12}px, ${at[1] + 12}px)`
    look()
  }

  function end(last?: Event): void {
    window.clearInterval(timer)
    document.removeEventListener('pointermove', move)
    document.removeEventListener('pointerup', up)
    document.removeEventListener('pointercancel', cancel)
    document.removeEventListener('keydown', escape, true)
    document.body.classList.remove('dragging')
    ghost?.remove()
    ghost = null
    unmark()
    if (going) {
      last?.preventDefault()
      handle.addEventListener('click', swallow, { capture: true, once: true })
      window.setTimeout(() => handle.removeEventListener('click', swallow, { capture: true }), 50)
    }
  }
  function up(last: PointerEvent): void {
    const place = found?.place
    end(last)
    if (going && place) drop(place)
  }
  const cancel = () => end()
  const swallow = (click: Event) => { click.stopImmediatePropagation(); click.preventDefault() }
  function escape(key: KeyboardEvent): void {
    if (key.key !== 'Escape') return
    key.stopPropagation()
    end()
  }

  document.addEventListener('pointermove', move)
  document.addEventListener('pointerup', up)
  document.addEventListener('pointercancel', cancel)
  document.addEventListener('keydown', escape, true)
}
