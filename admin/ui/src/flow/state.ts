// The flow on the page: every change can be undone, and is saved a moment after it was made.

import { computed, inject, reactive, type InjectionKey } from 'vue'
import { call, Refused } from '../designer/api'
import type { Asked, Told } from '../condition/types'
import type { Text } from '../designer/state'
import * as edit from './edit'
import type { Assign, Design, Difference, Due, Fault, Flow, Kept, Kind, Script, Step, Tried } from './types'

const PAUSE = 700

export function createStore(design: Design, t: Text, language: string) {
  const url = (rest = '') => `/api/flows/${encodeURIComponent(design.code)}/draft${rest}`
  const state = reactive({
    design, flow: design.document, faults: design.faults, revision: design.revision,
    busy: 0, dirty: false, error: '', said: '', stale: false, opened: '',
  })
  const past: Flow[] = reactive([])
  const future: Flow[] = reactive([])
  let timer = 0
  let last: Promise<unknown> = Promise.resolve()

  function show(flow: Flow): void {
    state.flow = flow
    state.dirty = true
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void save(), PAUSE)
  }

  function apply(flow: Flow): void {
    if (flow === state.flow) return
    past.push(state.flow)
    if (past.length > 200) past.shift()
    future.splice(0)
    show(flow)
  }

  function step(from: Flow[], to: Flow[]): void {
    const flow = from.pop()
    if (!flow) return
    to.push(state.flow)
    show(flow)
  }

  async function send(): Promise<void> {
    if (!state.dirty || state.stale) return
    state.dirty = false
    state.busy += 1
    state.error = ''
    try {
      const saved = await call<{ revision: number; faults: Fault[] }>('PUT', url(), { revision: state.revision, document: state.flow })
      state.revision = saved.revision
      state.faults = saved.faults
      state.said = t('flowdesign.saved')
    } catch (error) {
      state.dirty = true
      state.stale = error instanceof Refused && error.status === 409
      state.error = state.stale ? t('flowdesign.stale') : error instanceof Error && error.message ? error.message : t('flowdesign.no_network')
    } finally {
      state.busy -= 1
    }
  }

  /** Saves go one after another, so that each names the revision the one before has made. */
  function save(): Promise<unknown> {
    window.clearTimeout(timer)
    last = last.then(send)
    return last
  }

  const titles = (kind: Kind) => ({ zh: texts('zh', kind), en: texts('en', kind) })
  const texts = (lang: string, kind: Kind) => (lang === language ? t(`flowdesign.kind.${kind}`) : t(`flowdesign.other.${kind}`))
  const titleOf = (code: string): string => {
    if (code === edit.END) return t('flowdesign.end')
    const found = edit.stepOf(state.flow, code)
    return found?.titles?.[language] || found?.titles?.zh || code
  }

  /** A formula in words, as far as the server has told them. */
  const whenWords = (formula: string): string => state.design.conditions[formula]?.words || formula
  const ask = (asked: Asked): Promise<Told> => call<Told>('POST', url('/condition'), asked)
  function remember(formula: string, told: Told): void {
    state.design.conditions[formula] = { words: told.words, cases: told.cases ?? null, otherwise: told.otherwise ?? '' }
  }

  const labelOf = (path: string): string =>
    state.design.forms.flatMap((form) => form.items).find((item) => item.path === path)?.label ?? path

  function assignWords(assign: Assign | undefined): string {
    if (!assign) return t('flowdesign.nobody')
    const role = state.design.roles.find((one) => one.code === (assign.role || 'leader'))?.text ?? assign.role ?? ''
    const place = assign.at || 'same'
    const at = ['same', 'parent', 'issuer'].includes(place) ? t(`flowdesign.at.${place}`) : state.design.places.find((one) => one.code === place)?.text ?? place
    if (assign.rule === 'field' && !assign.field) return t('flowdesign.nobody')
    if (assign.rule === 'chosen' && assign.step) return t('flowdesign.rule.chosen.at.words', { step: titleOf(assign.step) })
    const office = assign.rule === 'field' && assign.role ? '.office' : ''
    const said = t(`flowdesign.rule.${assign.rule}${office}.words`, {
      role, at, person: state.design.people.find((one) => one.code === assign.person)?.text ?? assign.person ?? '',
      n: assign.levels ?? 1, field: labelOf(assign.field ?? ''), formula: whenWords(assign.formula ?? ''), step: assign.step ? titleOf(assign.step) : '',
    })
    if (!said.trim()) return t('flowdesign.nobody')
    return assign.pick ? said + t(`flowdesign.pick.${assign.pick}.words`) : said
  }

  const dueWords = (due: Due): string =>
    t('flowdesign.due.words', { n: due.after, unit: t(`flowdesign.unit.${due.unit}`), then: t(`flowdesign.then.${due.then ?? 'remind'}`), to: due.to ? titleOf(due.to) : '' })

  function added([flow, code]: [Flow, string]): void {
    apply(flow)
    state.opened = code
  }

  window.addEventListener('beforeunload', (event) => { if (state.dirty) event.preventDefault() })

  return {
    state, t, language, titleOf, assignWords, dueWords, whenWords, ask, remember, apply, save,
    rows: computed(() => edit.layout(state.flow)),
    canUndo: computed(() => past.length > 0),
    canRedo: computed(() => future.length > 0),
    undo: () => step(past, future),
    redo: () => step(future, past),
    faultsOf: (code: string) => state.faults.filter((fault) => fault.step === code),
    change: (code: string, values: Partial<Step>) => apply(edit.change(state.flow, code, values)),
    whole: (values: Partial<Flow>) => apply({ ...state.flow, ...values }),
    addAfter: (code: string, kind: Kind, branch?: number) => added(edit.addAfter(state.flow, code, kind, titles, branch)),
    addBranch: (code: string) => added(edit.addBranch(state.flow, code, titles)),
    remove: (code: string) => apply(edit.remove(state.flow, code)),
    removeBranch: (code: string, number: number) => apply(edit.removeBranch(state.flow, code, number)),
    move: (code: string, by: -1 | 1) => apply(edit.move(state.flow, code, by)),
    tryOut: (script: Script | null) => call<Tried>('POST', url('/try'), { document: state.flow, script }),
    difference: async () => { await save(); return call<Difference>('GET', url('/difference')) },
    publish: async () => { await save(); return call<{ href: string; version: number }>('POST', url('/publish'), { revision: state.revision }) },
    discard: () => call<{ href: string }>('POST', url('/discard'), { revision: state.revision }),
    history: async () => { await save(); return (await call<{ states: Kept[] }>('GET', url('/history'))).states },
    restore: async (id: string) => {
      await save()
      const restored = await call<Design>('POST', url('/restore'), { revision: state.revision, state: id })
      past.push(state.flow)
      state.flow = restored.document
      Object.assign(state.design.conditions, restored.conditions)
      state.faults = restored.faults
      state.revision = restored.revision
    },
  }
}

export type Store = ReturnType<typeof createStore>
export const STORE: InjectionKey<Store> = Symbol('flow')

export function useStore(): Store {
  const store = inject(STORE)
  if (!store) throw new Error('the flow designer has no store')
  return store
}
