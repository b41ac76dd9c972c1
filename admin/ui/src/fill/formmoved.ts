// The form changed under the page: said where the eye is, with the way to the new version beside it.

import { element, type Text } from './cells'
import type { Answer } from './saver'

export function tellForm(form: HTMLFormElement, changed: NonNullable<Answer['form_changed']>, t: Text): void {
  document.getElementById('form-moved')?.remove()
  const box = element('div', 'note note-late')
  box.id = 'form-moved'
  box.setAttribute('role', 'alert')
  const labels = changed.left.map(({ label }) => label).join('、')
  const said = [t('fill.js.formmove', { by: changed.by, version: changed.version })]
  if (changed.items.length) said.push(t('fill.js.formmove.new', { items: changed.items.join('、') }))
  if (labels) said.push(t('fill.js.formmove.left', { labels }))
  box.append(element('p', '', said.join(' ')))
  const door = element('button', 'btn', t('fill.js.formmove.reload'))
  door.type = 'button'
  door.addEventListener('click', () => location.reload())
  box.append(door)
  form.prepend(box)
  box.scrollIntoView({ block: 'nearest' })
}
