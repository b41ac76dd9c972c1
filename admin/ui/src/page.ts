// On every page: menus that close, htmx for parts of pages, and the few conveniences that plain HTML lacks.

import htmx from 'htmx.org'
import { watchPresses } from './presses'
import { watchSelections } from './selection'
import { watchUnsent } from './unsent'

declare global {
  interface Window {
    htmx: typeof htmx
  }
}
window.htmx = htmx

document.addEventListener('htmx:configRequest', (event) => {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? ''
  ;(event as CustomEvent<{ headers: Record<string, string> }>).detail.headers['x-csrf-token'] = token
})

function closeMenus(except: Element | null): void {
  for (const menu of document.querySelectorAll('details.menu[open], details.source[open]')) {
    if (!except || !menu.contains(except)) menu.removeAttribute('open')
  }
}
document.addEventListener('click', (event) => closeMenus(event.target as Element))
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  const open = document.querySelector<HTMLDetailsElement>('details.menu[open]')
  closeMenus(null)
  open?.querySelector('summary')?.focus()
})

for (const button of document.querySelectorAll<HTMLElement>('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

// The code of a resident's slip comes behind the `#` of the address scanned, which is sent to no server.
const slip = document.querySelector<HTMLInputElement>('[data-slip-code]')
if (slip && /^#\d{10}$/.test(location.hash)) {
  slip.value = location.hash.slice(1)
  history.replaceState(null, '', location.pathname)
  document.querySelector<HTMLInputElement>('#last')?.focus()
}

watchPresses()
watchSelections()
watchUnsent()
if (document.querySelector('[data-signing]')) void import('./signing').then(({ watchSigning }) => watchSigning())
if (document.querySelector('[data-choose]')) void import('./people').then(({ watchPeople }) => watchPeople())
