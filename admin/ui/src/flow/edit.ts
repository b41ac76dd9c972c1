// Changes of a flow: each takes a flow and gives another, so that undoing is going back to the one before.

import type { Flow, FormItems, Kind, Route, Step } from './types'

export const END = 'end'
const PEOPLE = ['fill', 'verify', 'approve']

/** What stands in a row: steps one after another, a fork with its branches being one of them. */
export interface Sequence { entry: { step: string; route: number } | null; nodes: Node[]; exit: string }
export interface Node { code: string; join?: string; branches?: Sequence[] }

export const isPeople = (step: Step): boolean => PEOPLE.includes(step.kind)
export const stepOf = (flow: Flow, code: string): Step | undefined => flow.steps.find((step) => step.code === code)
const copy = (flow: Flow): Flow => JSON.parse(JSON.stringify(flow)) as Flow

export function defaultRoute(step: Step): Route | undefined {
  return step.next.find((route) => !route.when) ?? step.next[step.next.length - 1]
}

/** The flow as rows of cards: the main one from the start, then those that only a condition leads to. */
export function layout(flow: Flow): Sequence[] {
  const seen = new Set<string>()
  const row = (entry: Sequence['entry'], first: string, stop: string): Sequence => {
    const nodes: Node[] = []
    let code = first
    while (code !== END && code !== stop && !seen.has(code)) {
      const step = stepOf(flow, code)
      if (!step) break
      seen.add(code)
      const node: Node = { code }
      let last = step
      if (step.kind === 'fork' && step.join) {
        node.join = step.join
        node.branches = step.next.map((route, number) => row({ step: step.code, route: number }, route.to, step.join ?? ''))
        seen.add(step.join)
        last = stepOf(flow, step.join) ?? step
      }
      nodes.push(node)
      code = defaultRoute(last)?.to ?? END
    }
    return { entry, nodes, exit: code }
  }
  const rows = [row({ step: '', route: 0 }, flow.start, '')]
  for (const step of flow.steps) if (!seen.has(step.code) && step.kind !== 'join') rows.push(row(null, step.code, ''))
  return rows
}

export function codesOf(sequence: Sequence): string[] {
  return sequence.nodes.flatMap((node) => [node.code, ...(node.branches ?? []).flatMap(codesOf), ...(node.join ? [node.join] : [])])
}

function fresh(flow: Flow, kind: string): string {
  for (let number = 1; ; number += 1) if (!stepOf(flow, `${kind}_${number}`)) return `${kind}_${number}`
}

/** Steps of one name cannot be told apart where a way or a return is chosen: the second gets a number. */
function named(flow: Flow, titles: Record<string, string>): Record<string, string> {
  const taken = (language: string, title: string): boolean => flow.steps.some((one) => one.titles?.[language] === title)
  for (let number = 1; ; number += 1) {
    const found = Object.fromEntries(Object.entries(titles).map(([language, title]) => [language, number > 1 ? `${title} ${number}` : title]))
    if (!Object.entries(found).some(([language, title]) => taken(language, title))) return found
  }
}

function made(flow: Flow, kind: Kind, to: string, titles: Record<string, string>): Step {
  const step: Step = { code: fresh(flow, kind), kind, titles: named(flow, titles), next: [{ to }] }
  if (PEOPLE.includes(kind) || kind === 'notify') {
    step.assign = { rule: 'position', role: kind === 'fill' ? 'staff' : kind === 'verify' ? 'verifier' : 'leader', at: kind === 'fill' ? 'same' : 'parent' }
  }
  if (kind === 'http') step.call = { url: 'https://' }
  if (kind === 'wait') step.due = { after: 1, unit: 'working_days' }
  flow.steps.push(step)
  return step
}

/** A new step after another (after a fork: after where its branches meet), or first in the `branch` of a fork.
 *  Gives the flow and the new step. */
export function addAfter(flow: Flow, code: string, kind: Kind, titles: (kind: Kind) => Record<string, string>, branch?: number): [Flow, string] {
  const next = copy(flow)
  const before = stepOf(next, code)
  const route = before && (branch === undefined ? defaultRoute(before) : before.next[branch])
  if (!route) return [flow, '']
  const step = made(next, kind, route.to, titles(kind))
  if (kind === 'fork') {
    const join = made(next, 'join', route.to, titles('join'))
    step.join = join.code
    step.next = [1, 2].map(() => ({ to: made(next, 'verify', join.code, titles('verify')).code }))
  }
  route.to = step.code
  return [next, step.code]
}

/** Another branch of a fork, with one step in it. */
export function addBranch(flow: Flow, code: string, titles: (kind: Kind) => Record<string, string>): [Flow, string] {
  const next = copy(flow)
  const fork = stepOf(next, code)
  if (!fork?.join) return [flow, '']
  const step = made(next, 'verify', fork.join, titles('verify'))
  const last = fork.next.length - 1
  const matching = fork.branches === 'matching' && !fork.next[last]?.when
  fork.next.splice(matching ? last : last + 1, 0, matching ? { to: step.code, when: '' } : { to: step.code })
  return [next, step.code]
}

function dropped(flow: Flow, codes: string[], to: string): Flow {
  const gone = new Set(codes)
  const kept = flow.steps.filter((step) => !gone.has(step.code))
  for (const step of kept) {
    for (const route of step.next) if (gone.has(route.to)) route.to = to
    if (step.returns) step.returns = step.returns.filter((code) => !gone.has(code))
    if (step.due?.to && gone.has(step.due.to)) step.due.to = to === END ? undefined : to
  }
  const start = gone.has(flow.start) ? to : flow.start
  return { ...flow, start, steps: kept }
}

/** Take a step away; whoever led to it now leads to what came after. A fork goes with its branches. */
export function remove(flow: Flow, code: string): Flow {
  const next = copy(flow)
  const step = stepOf(next, code)
  if (!step) return flow
  let codes = [code]
  let last: Step = step
  if (step.join) {
    const node = find(layout(next), code)
    codes = node ? codesOf({ entry: null, nodes: [node], exit: '' }) : [code, step.join]
    last = stepOf(next, step.join) ?? step
  }
  return dropped(next, codes, defaultRoute(last)?.to ?? END)
}

/** Take a branch of a fork away with its steps; two must stay. */
export function removeBranch(flow: Flow, code: string, number: number): Flow {
  const next = copy(flow)
  const fork = stepOf(next, code)
  const branch = find(layout(next), code)?.branches?.[number]
  if (!fork?.join || !branch || fork.next.length <= 2) return flow
  fork.next.splice(number, 1)
  return dropped(next, codesOf(branch), fork.join)
}

export function find(rows: Sequence[], code: string): Node | undefined {
  for (const row of rows) {
    for (const node of row.nodes) {
      if (node.code === code) return node
      const inner = find(node.branches ?? [], code)
      if (inner) return inner
    }
  }
  return undefined
}

function rowOf(rows: Sequence[], code: string): Sequence | undefined {
  for (const row of rows) {
    if (row.nodes.some((node) => node.code === code)) return row
    const inner = row.nodes.map((node) => rowOf(node.branches ?? [], code)).find(Boolean)
    if (inner) return inner
  }
  return undefined
}

/** Whether a step can go up (-1) or down (1) in its row. */
export function canMove(flow: Flow, code: string, by: -1 | 1): boolean {
  const row = rowOf(layout(flow), code)
  if (!row) return false
  const at = row.nodes.findIndex((node) => node.code === code)
  const first = row.entry?.step === '' ? 1 : 0 // the first step of a flow stays the first
  return at >= first && at + by >= first && at + by < row.nodes.length
}

/** Up or down in its row: the steps of the row are linked anew, conditions stay as they are. */
export function move(flow: Flow, code: string, by: -1 | 1): Flow {
  if (!canMove(flow, code, by)) return flow
  const next = copy(flow)
  const row = rowOf(layout(next), code)
  if (!row) return flow
  const at = row.nodes.findIndex((node) => node.code === code)
  const nodes = [...row.nodes]
  const [taken] = nodes.splice(at, 1)
  if (taken) nodes.splice(at + by, 0, taken)
  link(next, row, nodes)
  return next
}

function link(flow: Flow, row: Sequence, nodes: Node[]): void {
  const first = nodes[0]?.code ?? row.exit
  const was = row.nodes[0]?.code ?? ''
  if (row.entry === null) for (const step of flow.steps) for (const route of step.next) if (route.when && route.to === was) route.to = first
  if (row.entry && !row.entry.step) flow.start = first
  const entry = row.entry?.step ? stepOf(flow, row.entry.step)?.next[row.entry.route] : undefined
  if (entry) entry.to = first
  nodes.forEach((node, number) => {
    const step = stepOf(flow, node.join ?? node.code)
    const route = step && defaultRoute(step)
    if (route) route.to = nodes[number + 1]?.code ?? row.exit
  })
}

/** Change one step; empty values are left out, as the document has them. */
export function change(flow: Flow, code: string, values: Partial<Step>): Flow {
  const next = copy(flow)
  const step = stepOf(next, code) as Record<string, unknown> | undefined
  if (!step) return flow
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '' || (Array.isArray(value) && !value.length && name !== 'returns')) delete step[name]
    else step[name] = JSON.parse(JSON.stringify(value))
  }
  return next
}

/** Cell paths of a form as formulas name them: /elders/0 is not a name, /total is `total`. */
export const nameOf = (path: string): string => path.split('/').filter((part) => part && part !== '*').join('.')

/** Forms with their items outside of tables: what one value can be read from, form by form. */
export const single = (forms: FormItems[]): FormItems[] =>
  forms.map((form) => ({ ...form, items: form.items.filter((item) => !item.path.includes('*')) })).filter((form) => form.items.length)
