// A button that is pressed twice sends its form once.

/** So long a press of the same button is taken for the same press: then the answer may have been a file. */
const SAME = 4_000

export function watchPresses(): void {
  const sent = new Map<HTMLElement, number>()
  // after every other listener: whoever wants to look first has called preventDefault by then
  window.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (event.defaultPrevented || form.method !== 'post') return
    const pressed = event.submitter ?? form
    const now = performance.now()
    if (now - (sent.get(pressed) ?? -SAME) < SAME) return event.preventDefault()
    sent.set(pressed, now)
    pressed.setAttribute('aria-busy', 'true')
    window.setTimeout(() => pressed.removeAttribute('aria-busy'), SAME)
  })
  // gone back to from the next page, as it was left
  window.addEventListener('pageshow', () => {
    sent.clear()
    for (const busy of document.querySelectorAll('[aria-busy]')) busy.removeAttribute('aria-busy')
  })
}
