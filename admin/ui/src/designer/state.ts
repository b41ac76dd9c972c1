// The design on the page and the one way to change it: send, take the server's answer as the truth.
// Several people may be at one design: their steps merge on the server, this page hears of them by asking.

import { computed, inject, reactive, type InjectionKey } from 'vue'
import { bePresent, changeDesign, loadDesign, Refused, turnDesign } from './api'
import type { Change, Contested, Design, Item, ItemChange, News } from './types'

export type Text = (key: string, values?: Record<string, string | number>) => string
type Step = Omit<Change, 'revision' | 'tab' | 'force'>

const ASK = 3000
const MOST_NEWS = 6

export function createStore(design: Design, t: Text) {
  const tab = Math.random().toString(36).slice(2, 12)
  const state = reactive({
    design,
    selected: null as string | null,
    busy: 0,
    /** The draft is being published or is: there is nobody to be present at it any more. */
    over: false,
    error: '',
    said: '',
    fresh: '',
    clash: null as { who: string; contested: Contested[]; again: () => void } | null,
    people: [] as News['people'],
    news: [] as News['steps'],
  })
  let last: Promise<unknown> = Promise.resolve()
  let heard = design.last

  /** What the server says stands, unless an answer overtook a later one. */
  function take(found: Design): void {
    if (found.revision >= state.design.revision) state.design = found
  }

  async function send(ask: (force: boolean) => Promise<Design>, force = false): Promise<boolean> {
    state.busy += 1
    state.error = ''
    try {
      for (;;) {
        try {
          take(await ask(force))
          break
        } catch (error) {
          if (error instanceof Refused) throw error
          state.error = t('designer.no_network_kept') // nothing is lost: the step waits for the network
          await new Promise((done) => window.setTimeout(done, ASK))
        }
      }
      state.said = t('designer.saved')
      state.error = ''
      return true
    } catch (error) {
      await refused(error as Refused, ask)
      return false
    } finally {
      state.busy -= 1
    }
  }

  async function refused(error: Refused, ask: (force: boolean) => Promise<Design>): Promise<void> {
    if (error.code === 'design.clash') {
      const { who, contested } = error.details as { who: string; contested: Contested[] }
      state.clash = { who, contested, again: () => void queue((force) => ask(force), true) }
    } else {
      state.error = error.message
    }
    if (error.status === 409) take(await loadDesign(state.design.id).catch(() => state.design))
  }

  /** Steps go one after another, so that each is made on what the one before has made. */
  function queue(ask: (force: boolean) => Promise<Design>, force = false): Promise<boolean> {
    const next = last.then(() => send(ask, force))
    last = next
    return next
  }

  function change(what: Step): Promise<boolean> {
    return queue((force) => changeDesign(state.design.id, { revision: state.design.revision, tab, force, ...what }))
  }

  const turn = (way: 'undo' | 'redo') => {
    const words = way === 'undo' ? state.design.undo : state.design.redo
    if (!words) return Promise.resolve(false)
    return queue((force) => turnDesign(state.design.id, way, tab, force)).then((done) => {
      if (done) state.said = t(`designer.${way}.done`, { what: words })
      return done
    })
  }

  /** Adds one thing and selects it when it is there. */
  async function add(what: NonNullable<Change['added']>[number]): Promise<void> {
    const before = new Set(paths())
    if (!(await change({ added: [what] }))) return
    const made = paths().find((path) => !before.has(path))
    if (made) {
      state.fresh = made
      state.selected = made
    }
  }

  const paths = () => state.design.outline.flatMap((section) => section.entries.flatMap((one) => [one.path, ...one.columns, ...one.rows.map((row) => row.path)]))

  async function ask(): Promise<void> {
    if (state.over) return
    const { id } = state.design
    const told = await bePresent(id, { tab, item: state.selected ?? '', since: heard }).catch(() => null)
    if (!told) return
    heard = told.last
    state.people = told.people
    state.news = [...told.steps.reverse(), ...state.news].slice(0, MOST_NEWS)
    if (told.revision > state.design.revision && !state.busy) take(await loadDesign(id).catch(() => state.design))
  }

  window.setInterval(() => { if (!document.hidden) void ask() }, ASK)
  void ask()
  window.addEventListener('pagehide', () => {
    if (!state.over) void bePresent(state.design.id, { tab, item: '', since: heard, gone: true }).catch(() => undefined)
  })
  window.addEventListener('beforeunload', (event) => { if (state.busy) event.preventDefault() })

  const byPath = computed(() => new Map(state.design.items.map((one) => [one.path, one])))

  return {
    state,
    t,
    change,
    add,
    undo: () => turn('undo'),
    redo: () => turn('redo'),
    changeItem: (path: string, values: ItemChange) => change({ items: { [path]: values } }),
    /** Whether a sheet was recognised, so that what was recognised needs a person's word. */
    sheet: computed(() => state.design.sheet.rows.length > 0),
    open: computed(() => (state.design.sheet.rows.length ? state.design.items.filter((item) => !item.confirmed) : [])),
    item: (path: string): Item | undefined => byPath.value.get(path),
    at: (path: string) => state.people.filter((one) => one.item === path).map((one) => one.name),
  }
}

export type Store = ReturnType<typeof createStore>
export const STORE: InjectionKey<Store> = Symbol('store')

export function useStore(): Store {
  const store = inject(STORE)
  if (!store) throw new Error('the designer has no store')
  return store
}
