// The design on the page and the one way to change it: send, take the server's answer as the truth.

import { computed, inject, reactive, type InjectionKey } from 'vue'
import { changeDesign, loadDesign, Refused } from './api'
import type { Change, Design, Item } from './types'

export type Text = (key: string, values?: Record<string, string | number>) => string

export function createStore(design: Design, t: Text) {
  const state = reactive({ design, selected: null as string | null, busy: 0, error: '', said: '' })
  let last: Promise<unknown> = Promise.resolve()

  async function send(change: Omit<Change, 'revision'>): Promise<boolean> {
    state.busy += 1
    state.error = ''
    try {
      state.design = await changeDesign(state.design.id, { revision: state.design.revision, ...change })
      state.said = t('designer.saved')
      return true
    } catch (error) {
      if (error instanceof Refused && error.status === 409) state.design = await loadDesign(state.design.id)
      state.error = error instanceof Error && error.message ? error.message : t('designer.no_network')
      return false
    } finally {
      state.busy -= 1
    }
  }

  /** Changes go one after another, so that each names the revision the one before has made. */
  function change(what: Omit<Change, 'revision'>): Promise<boolean> {
    const next = last.then(() => send(what))
    last = next
    return next
  }

  return {
    state,
    t,
    change,
    changeItem: (path: string, values: NonNullable<Change['items']>[string]) => change({ items: { [path]: values } }),
    open: computed(() => state.design.items.filter((item) => !item.confirmed)),
    item: (path: string): Item | undefined => state.design.items.find((item) => item.path === path),
  }
}

export type Store = ReturnType<typeof createStore>
export const STORE: InjectionKey<Store> = Symbol('store')

export function useStore(): Store {
  const store = inject(STORE)
  if (!store) throw new Error('the designer has no store')
  return store
}
