// The keyboard map of a sheet, as spreadsheets have it: a key and its modifiers become one command.

export type Command =
  | { kind: 'move'; rows: number; columns: number; extend: boolean }
  | { kind: 'edge'; rows: -1 | 0 | 1; columns: -1 | 0 | 1; extend: boolean }
  | { kind: 'next'; back: boolean; down: boolean }
  | { kind: 'page'; down: boolean; extend: boolean }
  | { kind: 'edit' | 'clear' | 'cancel' | 'undo' | 'redo' | 'down' | 'all' | 'row' | 'choose' | 'confirm' | 'source' }

const ARROWS: Record<string, [-1 | 0 | 1, -1 | 0 | 1]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** What a key means while no cell is being typed into; nothing for keys that type. */
export function command(event: KeyboardEvent): Command | null {
  const control = event.ctrlKey || event.metaKey
  const extend = event.shiftKey
  const arrow = ARROWS[event.key]
  if (arrow && event.altKey) return arrow[0] === 1 ? { kind: 'choose' } : null
  if (arrow) {
    const [rows, columns] = arrow
    return control ? { kind: 'edge', rows, columns, extend } : { kind: 'move', rows, columns, extend }
  }
  if (control) return withControl(event)
  switch (event.key) {
    case 'Tab':
      return { kind: 'next', back: extend, down: false }
    case 'Enter':
      return { kind: 'next', back: extend, down: true }
    case 'Home':
      return { kind: 'edge', rows: 0, columns: -1, extend }
    case 'End':
      return { kind: 'edge', rows: 0, columns: 1, extend }
    case 'PageUp':
    case 'PageDown':
      return { kind: 'page', down: event.key === 'PageDown', extend }
    case 'F2':
      return { kind: 'edit' }
    case 'F1':
      return { kind: 'source' }
    case 'Delete':
    case 'Backspace':
      return { kind: 'clear' }
    case 'Escape':
      return { kind: 'cancel' }
    case ' ':
      return extend ? { kind: 'row' } : null
    default:
      return null
  }
}

function withControl(event: KeyboardEvent): Command | null {
  const extend = event.shiftKey
  switch (event.key.toLowerCase()) {
    case 'home':
      return { kind: 'edge', rows: -1, columns: -1, extend }
    case 'end':
      return { kind: 'edge', rows: 1, columns: 1, extend }
    case 'z':
      return { kind: extend ? 'redo' : 'undo' }
    case 'y':
      return { kind: 'redo' }
    case 'd':
      return { kind: 'down' }
    case 'a':
      return { kind: 'all' }
    case 'enter':
      return { kind: 'confirm' }
    default:
      return null
  }
}
