import { filled } from '../words'

// Ticked rows: they stay ticked from page to page in this tab, and a bulk change takes exactly these.
// Without this script the ticks of one page do the same.

const table = document.querySelector<HTMLTableElement>('#ledger')
const form = document.querySelector<HTMLFormElement>('#ledger-picked')
const texts: Record<string, string> = JSON.parse(document.querySelector('#ledger-texts')?.textContent ?? '{}')

function told(key: string, values: Record<string, number>): string {
  return filled(texts[`ledger.js.${key}`] ?? '', values)
}

/** Rows that were changed are ticked no longer: the ticks have done their work once the change is written. */
function doneWithPicks(): void {
  const apply = document.querySelector<HTMLFormElement>('form[data-picks-of]')
  apply?.addEventListener('submit', (event) => {
    const pressed = (event as SubmitEvent).submitter as HTMLButtonElement | null
    if (pressed?.value === 'apply') sessionStorage.removeItem(`ledger-picked:${apply.dataset.picksOf}`)
  })
}

export function watchPicks(): void {
  doneWithPicks()
  if (!table || !form) return
  const key = `ledger-picked:${table.dataset.code}`
  const most = Number(form.dataset.most)
  const boxes = [...table.querySelectorAll<HTMLInputElement>('[data-pick-row]')]
  const whole = table.querySelector<HTMLInputElement>('[data-pick-page]')
  const unpick = form.querySelector<HTMLButtonElement>('[data-unpick]')
  const picked = new Set<string>(JSON.parse(sessionStorage.getItem(key) ?? '[]') as string[])
  let last = -1
  let full = false

  function set(box: HTMLInputElement, on: boolean): void {
    if (on && picked.size >= most && !picked.has(box.value)) full = true
    else if (on) picked.add(box.value)
    else picked.delete(box.value)
  }

  function refresh(): void {
    for (const box of boxes) box.checked = picked.has(box.value)
    const here = boxes.filter((box) => box.checked).length
    if (whole) {
      whole.checked = here > 0 && here === boxes.length
      whole.indeterminate = here > 0 && here < boxes.length
    }
    const button = form?.querySelector<HTMLButtonElement>('button[type="submit"]')
    if (button) button.disabled = picked.size === 0
    if (unpick) unpick.hidden = picked.size === 0
    const elsewhere = picked.size - here
    const said = picked.size === 0 ? 'pick_none' : elsewhere ? 'picked_elsewhere' : 'picked'
    const line = form?.querySelector<HTMLElement>('[data-picked]')
    if (line) line.textContent = told(said, { n: picked.size, m: elsewhere }) + (full ? told('picked_most', { n: most }) : '')
    sessionStorage.setItem(key, JSON.stringify([...picked]))
  }

  for (const [at, box] of boxes.entries()) {
    box.addEventListener('click', (event) => {
      full = false
      const from = event.shiftKey && last >= 0 ? last : at
      for (const one of boxes.slice(Math.min(from, at), Math.max(from, at) + 1)) set(one, box.checked)
      last = at
      refresh()
    })
  }
  whole?.addEventListener('click', () => {
    full = false
    const on = whole.checked
    for (const box of boxes) set(box, on)
    refresh()
  })
  unpick?.addEventListener('click', () => {
    full = false
    picked.clear()
    refresh()
  })
  form.addEventListener('submit', () => {
    for (const old of form.querySelectorAll('[data-elsewhere]')) old.remove()
    const here = new Set(boxes.map((box) => box.value))
    for (const id of picked) {
      if (here.has(id)) continue
      const more = document.createElement('input')
      more.type = 'hidden'
      more.name = 'row'
      more.value = id
      more.dataset.elsewhere = ''
      form.append(more)
    }
  })
  window.addEventListener('pageshow', refresh)
  refresh()
}
