// Handing in with much left blank: what nobody requires is often what was forgotten. Asked once, with the way back.

import { element, type Text } from './cells'

/** One in so many of the cells: a remark that stays blank is nothing to ask about. */
const MUCH = 5
const NAMED = 5

const figure = (form: HTMLElement, name: string) => Number(form.querySelector(`[data-${name}]`)?.textContent ?? 0)

/** Whether the form may go as it is: nothing much is blank, or whoever hands it in says so. */
export async function goesBlank(form: HTMLFormElement, nameOf: (path: string) => string, t: Text): Promise<boolean> {
  const left = figure(form, 'left')
  if (left === 0 || left * MUCH < figure(form, 'total')) return true
  const blank = [...form.querySelectorAll<HTMLElement>('[data-cell][data-state="blank"]:not([data-hidden]):not(.has-problem)')]
  if (!blank.length && form.querySelector('[data-state="locked"]')) return true // of what came back only those cells can be filled
  const sent = await ask(left, blank.map((cell) => nameOf(cell.dataset.cell ?? '')), t)
  if (!sent) {
    const control = blank[0]?.querySelector<HTMLElement>('[name^="v:"]')
    control?.scrollIntoView({ block: 'center' })
    control?.focus()
  }
  return sent
}

function ask(left: number, names: string[], t: Text): Promise<boolean> {
  const dialog = element('dialog', 'ask-blank') as HTMLDialogElement
  dialog.setAttribute('aria-labelledby', 'ask-blank')
  const title = element('h2', '', t('fill.js.blank', { n: left }))
  title.id = 'ask-blank'
  const list = element('ul', '')
  for (const name of names.slice(0, NAMED)) list.append(element('li', '', name))
  if (left > NAMED && names.length) list.append(element('li', 'quiet', t('fill.js.blank.more', { n: left - Math.min(NAMED, names.length) })))
  const back = element('button', 'btn btn-main', t('fill.js.blank.back'))
  const go = element('button', 'btn', t('fill.js.blank.go'))
  const actions = element('div', 'actions')
  actions.append(back, go)
  dialog.append(title, element('p', '', t('fill.js.blank.text')), list, actions)
  document.body.append(dialog)
  return new Promise((settle) => {
    for (const button of [back, go]) {
      ;(button as HTMLButtonElement).type = 'button'
      button.addEventListener('click', () => dialog.close(button === go ? 'go' : ''))
    }
    dialog.addEventListener('close', () => (dialog.remove(), settle(dialog.returnValue === 'go')))
    dialog.showModal()
    back.focus()
  })
}
