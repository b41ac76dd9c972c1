// The small presses beside a cell that say why there is no value: 不详, 不适用, 拒答 (engine/absence.py).

import type { Absent } from './queue'
import type { Control } from './value'

export function boxes(holder: Element): HTMLInputElement[] {
  return [...holder.querySelectorAll<HTMLInputElement>('[name^="absent:"]')]
}

/** What is pressed; null where nothing is. */
export function pressed(holder: Element): Absent | null {
  const box = boxes(holder).find((one) => one.checked)
  return box ? { absent: box.value } : null
}

/** Presses one, or none; false when the cell has no such press. */
export function press(holder: Element, kind: string | null): boolean {
  let found = kind === null
  let word = ''
  for (const box of boxes(holder)) {
    box.checked = box.value === kind
    if (box.checked) word = box.parentElement?.textContent?.trim() ?? ''
    found ||= box.checked
  }
  for (const control of holder.querySelectorAll<Control>('[name^="v:"]')) {
    if (control instanceof HTMLInputElement && control.type === 'text') control.placeholder = word
  }
  return found
}

/** The answer that a pasted or typed word means in this cell. */
export function named(holder: Element, text: string): Absent | null {
  const word = text.trim().toLowerCase()
  const box = word ? boxes(holder).find((one) => one.parentElement?.textContent?.trim().toLowerCase() === word) : undefined
  return box ? { absent: box.value } : null
}
