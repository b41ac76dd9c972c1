// Between what is typed in a control and the JSON value of a cell. Numbers stay exact: a text of more than 15 digits
// is sent as text and the server decides, because a double could not carry it.

import type { Absent, Json } from './queue'

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

/** Whether a value says why there is none. */
export function isAbsent(value: Json | undefined): value is Absent {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const FULL_WIDTH = /[\uff01-\uff5e]/g

function plainNumber(text: string): string {
  return text
    .replace(FULL_WIDTH, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\s,\u3000]/g, '')
    .replace(/^[\u2212\u2014]/, '-')
}

export function parse(type: string, text: string): Json {
  const trimmed = text.trim()
  if (trimmed === '') return null
  if (type === 'yes_no') return trimmed === 'true'
  if (type === 'integer' || type === 'number') {
    const number = plainNumber(trimmed)
    const simple = /^-?\d+(\.\d+)?$/.test(number) && number.replace(/\D/g, '').length <= 15
    return simple ? Number(number) : trimmed
  }
  return trimmed
}

export function show(value: Json | undefined): string {
  return value === null || value === undefined || isAbsent(value) ? '' : String(value)
}

export function read(controls: Control[], type: string): Json {
  const first = controls[0]
  if (type === 'choices') {
    return controls.filter((c) => (c as HTMLInputElement).checked).map((c) => c.value)
  }
  if (type === 'yes_no') {
    const chosen = controls.find((c) => (c as HTMLInputElement).checked)
    return chosen ? chosen.value === 'true' : null
  }
  return first ? parse(type, first.value) : null
}

/** A time as its control takes it: to the minute, without an offset. */
function asControl(kind: string, text: string): string {
  return kind === 'time' ? text.slice(0, 5) : kind === 'datetime-local' ? text.slice(0, 16) : text
}

/** Puts a value into the controls of a cell; false when the controls cannot take it. */
export function put(controls: Control[], type: string, value: Json): boolean {
  if (type === 'choices' || type === 'yes_no') {
    const wanted = Array.isArray(value) ? value.map(String) : [show(value)]
    for (const control of controls) (control as HTMLInputElement).checked = wanted.includes(control.value)
    return true
  }
  const control = controls[0]
  if (!control) return false
  if (control instanceof HTMLSelectElement) {
    const text = show(value).trim()
    const option = [...control.options].find((o) => o.value === text || o.text.trim() === text || o.dataset.label === text)
    if (!option) return false
    control.value = option.value
    control.dispatchEvent(new Event('put')) // whoever shows the list another way shows it anew
    return true
  }
  const text = asControl(control.type, show(value))
  control.value = text
  control.dispatchEvent(new Event('put'))
  return control.value === text
}
