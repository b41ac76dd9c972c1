// Pages on which a document is read: large tables as sheets, nothing to type.

import { Checking } from '../fill/checking'
import { Sheets } from '../fill/sheets'
import { filled } from '../words'

const texts = JSON.parse(document.getElementById('fill-texts')?.textContent ?? '{}') as Record<string, string>
const t = (key: string, values: Record<string, string | number> = {}) => filled(texts[key] ?? key, values)
const places = [...document.querySelectorAll<HTMLElement>('[data-reading]')].filter((place) => place.querySelector('[data-grid]'))

if (places.length) {
  const checking = new Checking(() => undefined, () => undefined, () => undefined)
  const sheets = places.map((place) => new Sheets(place, null, checking, null, t, () => undefined, () => undefined))
  void Promise.all([checking.start(), ...sheets.map((one) => one.load())]).then(() => sheets.forEach((one) => one.start()))
}
