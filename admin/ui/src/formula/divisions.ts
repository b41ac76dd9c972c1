// Where a division code lies: prefixes at 2, 4, 6, 9 and 12 digits, as engine/formula/divisions.py.

const LEVELS: [number, string, number][] = [
  [12, '000', 9],
  [9, '000', 6],
  [6, '00', 4],
  [4, '00', 2],
]

export function liesWithin(code: string, place: string): boolean {
  let area = place.split('-')[0] ?? ''
  for (const [length, zeros, shorter] of LEVELS) {
    if (area.length === length && area.endsWith(zeros)) area = area.slice(0, shorter)
  }
  return code.startsWith(area)
}
