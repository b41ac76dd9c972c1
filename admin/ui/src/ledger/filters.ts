// Filters of a ledger: operators and values fit the column.

export interface Choice {
  name: string
  label: string
  kind: string
  /** Whether a value may be typed, whether it is protected, and whether it is a period. */
  edit: boolean
  masked: boolean
  period: boolean
  operators: { value: string; text: string }[]
  options: { value: string; label: string }[]
}

export const choices: Choice[] = JSON.parse(document.querySelector('#ledger-choices')?.textContent ?? '[]')
const filter = document.querySelector<HTMLFormElement>('form[data-filter]')

function fit(): void {
  const column = filter?.querySelector<HTMLSelectElement>('#fc')
  const operator = filter?.querySelector<HTMLSelectElement>('#fo')
  const known = choices.find((one) => one.name === column?.value)
  if (!operator || !known) return
  operator.replaceChildren(...known.operators.map((one) => new Option(one.text, one.value)))
  values(known)
}

function values(known: Choice): void {
  const holder = filter?.querySelector<HTMLElement>('.row:has([name="fv"])')
  const operator = filter?.querySelector<HTMLSelectElement>('#fo')?.value ?? ''
  if (!holder) return
  for (const old of holder.querySelectorAll('input, select')) old.remove()
  const needed = ['blank', 'known'].includes(operator) ? 0 : ['between', 'within'].includes(operator) ? 2 : 1
  holder.hidden = needed === 0
  for (let number = 0; number < needed; number += 1) {
    const input = known.options.length ? choice(known, operator) : document.createElement('input')
    if (input instanceof HTMLInputElement) input.type = known.kind === 'date' && !known.period ? 'date' : 'text'
    input.name = 'fv'
    if (number === 0) input.id = 'fv'
    holder.append(input)
  }
}

function choice(known: Choice, operator: string): HTMLSelectElement {
  const select = document.createElement('select')
  select.multiple = operator === 'in'
  select.append(...known.options.map((one) => new Option(one.label, one.value)))
  return select
}

export function watchFilters(): void {
  if (!filter) return
  fit()
  filter.querySelector('#fc')?.addEventListener('change', fit)
  filter.querySelector('#fo')?.addEventListener('change', () => {
    const known = choices.find((one) => one.name === filter.querySelector<HTMLSelectElement>('#fc')?.value)
    if (known) values(known)
  })
}
