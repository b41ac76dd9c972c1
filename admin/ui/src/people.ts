// Choosing people: what was ticked stands above as chips that can be taken away, and few letters of a name, its pinyin
// or an office leave only those who fit. The ticks are the page's own, so keys, screen readers and the form know them.

interface Person { box: HTMLInputElement; line: HTMLElement; name: string; words: string }

class Choose {
  private readonly people: Person[]
  private readonly chips = document.createElement('ul')
  private readonly find = document.createElement('input')
  private readonly told = document.createElement('p')
  private readonly missing = document.createElement('p')

  constructor(private readonly root: HTMLElement) {
    this.people = [...root.querySelectorAll<HTMLElement>('.choose-office label')].map((line) => {
      const name = line.querySelector('span')?.firstChild?.textContent?.trim() ?? ''
      const office = line.closest('.choose-office')?.getAttribute('aria-label') ?? ''
      return { box: line.querySelector('input') as HTMLInputElement, line, name, words: `${name} ${office} ${line.dataset.letters ?? ''}`.toLowerCase() }
    })
    this.chips.className = 'choose-chips'
    this.chips.setAttribute('aria-label', this.said('chosen'))
    Object.assign(this.find, { type: 'search', autocomplete: 'off', placeholder: this.said('find'), className: 'choose-find' })
    this.find.setAttribute('aria-label', this.said('find'))
    this.told.className = 'small quiet'
    this.told.setAttribute('role', 'status')
    this.missing.className = 'error'
    this.missing.setAttribute('role', 'alert')
    root.querySelector('.choose-list')?.before(this.chips, this.find, this.told, this.missing)
    this.find.addEventListener('input', () => this.narrow())
    this.find.addEventListener('keydown', (event) => { if (!event.isComposing) this.onFind(event) })
    root.addEventListener('change', (event) => {
      event.stopPropagation() // what is chosen is no cell of the form
      this.show()
    })
    root.querySelector('.choose-list')?.addEventListener('keydown', (event) => this.onList(event as KeyboardEvent))
    this.chips.addEventListener('click', (event) => {
      const chip = (event.target as HTMLElement).closest<HTMLElement>('[data-value]')
      if (chip) this.takeAway(chip.dataset.value ?? '')
    })
    root.closest('form')?.addEventListener('submit', (event) => this.onSubmit(event))
    window.addEventListener('pageshow', () => this.show())
    this.show()
  }

  private said(name: string, values: Record<string, string> = {}): string {
    return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), this.root.dataset[name] ?? '')
  }

  private narrow(): void {
    const words = this.find.value.trim().toLowerCase().split(/\s+/).filter(Boolean)
    for (const one of this.people) one.line.hidden = !words.every((word) => one.words.includes(word))
    for (const office of this.root.querySelectorAll<HTMLElement>('.choose-office')) office.hidden = !office.querySelector('label:not([hidden])')
    const list = this.root.querySelector<HTMLElement>('.choose-list')
    if (list) list.hidden = !list.querySelector(':scope > label, .choose-office:not([hidden])') // no empty frame
    const left = this.left().length
    this.told.textContent = !words.length ? '' : left ? this.said('found', { n: String(left) }) : this.said('nobody')
  }

  /** Those who fit what was typed and can be chosen. */
  private left(): Person[] {
    return this.people.filter((one) => !one.line.hidden && !one.box.disabled)
  }

  private show(): void {
    const chosen = this.people.filter((one) => one.box.checked)
    this.chips.replaceChildren(...chosen.map((one) => {
      const item = document.createElement('li')
      const chip = document.createElement('button')
      Object.assign(chip, { type: 'button', className: 'choose-chip', textContent: one.name })
      chip.dataset.value = one.box.value
      chip.setAttribute('aria-label', this.said('remove', { name: one.name }))
      const cross = document.createElement('span')
      cross.textContent = '✕'
      cross.setAttribute('aria-hidden', 'true')
      chip.append(cross)
      item.append(chip)
      return item
    }))
    this.chips.hidden = !chosen.length
    if (chosen.length) this.missing.textContent = ''
  }

  private takeAway(value: string): void {
    const at = [...this.chips.querySelectorAll<HTMLElement>('[data-value]')].findIndex((chip) => chip.dataset.value === value)
    for (const one of this.people) if (one.box.value === value) one.box.checked = false
    const nobody = this.root.querySelector<HTMLInputElement>('input[type="radio"][value=""]')
    if (nobody) nobody.checked = true
    this.show()
    const chips = this.chips.querySelectorAll<HTMLElement>('[data-value]')
    ;(chips[Math.min(at, chips.length - 1)] ?? this.find).focus()
  }

  private onFind(event: KeyboardEvent): void {
    const [first] = this.left()
    if (event.key === 'Enter') {
      event.preventDefault() // a form is not sent by looking for somebody
      if (!first || !this.find.value.trim()) return
      first.box.checked = true
      this.find.value = ''
      this.narrow()
      this.show()
    } else if (event.key === 'ArrowDown' && first) {
      event.preventDefault()
      first.box.focus()
    } else if (event.key === 'Escape' && this.find.value) {
      event.preventDefault()
      event.stopPropagation()
      this.find.value = ''
      this.narrow()
    }
  }

  /** Up and down go from tick to tick; among radio buttons the browser's own keys do. */
  private onList(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const boxes = this.left().map((one) => one.box)
    const at = boxes.indexOf(event.target as HTMLInputElement)
    if (!step || at < 0 || boxes[at]?.type !== 'checkbox') return
    event.preventDefault()
    ;(boxes[at + step] ?? (step < 0 ? this.find : boxes[at]))?.focus()
  }

  private onSubmit(event: SubmitEvent): void {
    const needed = (this.root.dataset.needed ?? '').split(' ')
    const action = (event.submitter as HTMLButtonElement | null)?.value ?? ''
    if (!needed.includes('any') && !needed.includes(action)) return
    if (this.people.some((one) => one.box.checked)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    this.missing.textContent = this.said('missing')
    this.root.scrollIntoView({ block: 'center' })
    this.find.focus({ preventScroll: true })
  }
}

export function watchPeople(): void {
  for (const root of document.querySelectorAll<HTMLElement>('[data-choose]')) new Choose(root)
}
