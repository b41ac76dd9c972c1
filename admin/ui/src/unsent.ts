// On every page: whoever left changes of a ledger on this device is told, with a way back to them.

import { STORE, type Kept } from './ledger/kept'

export function watchUnsent(): void {
  const place = document.querySelector<HTMLElement>('[data-unsent]')
  const person = document.querySelector<HTMLMetaElement>('meta[name="user-id"]')?.content
  if (!place || !person || document.querySelector('#ledger-unsent')) return
  const found = new Map<string, string>()
  try {
    for (const key of Object.keys(localStorage)) {
      const [store, whose, code = ''] = key.split(':')
      if (store !== STORE || whose !== person) continue
      found.set(code, (JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Kept>).ledger || code)
    }
  } catch {
    return // without storage nothing was left
  }
  for (const [code, title] of found) {
    const link = document.createElement('a')
    link.href = `/ledgers/${encodeURIComponent(code)}`
    link.textContent = title
    place.append(' ', link)
  }
  place.hidden = !found.size
}
