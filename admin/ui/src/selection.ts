// Lists with ticks (approve many, choose organisations, return cells): select all, and the number beside the button.

function boxes(list: ParentNode): HTMLInputElement[] {
  return [...list.querySelectorAll<HTMLInputElement>('input[type="checkbox"][data-pick]')]
}

function refresh(list: HTMLElement): void {
  const all = boxes(list)
  const chosen = all.filter((box) => box.checked).length
  for (const place of list.querySelectorAll('[data-picked]')) place.textContent = String(chosen)
  for (const button of list.querySelectorAll<HTMLButtonElement>('[data-when="some"]')) button.disabled = chosen === 0
  for (const button of list.querySelectorAll<HTMLButtonElement>('[data-when="none"]')) button.disabled = chosen > 0
  for (const toggle of list.querySelectorAll<HTMLInputElement>('[data-pick-all]')) {
    const group = boxes(toggle.closest('[data-pick-group]') ?? list)
    const some = group.filter((box) => box.checked).length
    toggle.checked = group.length > 0 && some === group.length
    toggle.indeterminate = some > 0 && some < group.length
  }
}

export function watchSelections(): void {
  for (const list of document.querySelectorAll<HTMLElement>('[data-pick-list]')) {
    for (const toggle of list.querySelectorAll<HTMLElement>('[data-needs-script]')) toggle.hidden = false
    list.addEventListener('change', (event) => {
      const target = event.target as HTMLInputElement
      if (target.matches('[data-pick-all]')) {
        for (const box of boxes(target.closest('[data-pick-group]') ?? list)) box.checked = target.checked
      }
      refresh(list)
    })
    refresh(list)
  }
}
