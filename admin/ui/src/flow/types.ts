// A flow document as the island edits it, and what the server says about it.

export type Titles = Record<string, string>
export type Kind = 'fill' | 'verify' | 'approve' | 'fork' | 'join' | 'route' | 'notify' | 'wait' | 'subflow' | 'http'

export interface Route { to: string; when?: string; titles?: Titles }
export interface Assign { rule: string; role?: string; at?: string; person?: string; levels?: number; field?: string; formula?: string; step?: string; pick?: string }
export interface Sign { mode: string; over?: number; at_least?: number }
export interface Due { after: number; unit: string; then?: string; assign?: Assign; to?: string; remind?: number[] }

export interface Call { url: string; method?: string; headers?: Record<string, string>; body?: unknown; answer?: Record<string, string>; sensitive?: string[]; seconds?: number; tries?: number }

export interface Step {
  code: string
  kind: Kind
  titles?: Titles
  next: Route[]
  assign?: Assign
  sign?: Sign
  empty?: string | { assign: Assign }
  own?: string
  needs?: string[]
  signature?: string
  returns?: string[]
  resubmit?: string
  due?: Due
  rights?: Record<string, string>
  required?: string[]
  branches?: string
  join?: string
  flow?: string
  each?: string
  form?: string
  wait?: boolean
  refused?: string
  call?: Call
}

export interface Flow { code: string; titles: Titles; start: string; steps: Step[]; repeat?: string; withdraw?: string; version?: number; number?: { template: string; at?: string; first?: number } }
export interface Fault { step: string; code: string; text: string; example: string[] }
export interface Choice { code: string; text: string }
export interface FormItems { code: string; title: string; items: { path: string; label: string }[] }

export interface Design {
  code: string
  revision: number
  document: Flow
  version: number
  changed_at: string
  changed_by: string
  faults: Fault[]
  roles: Choice[]
  people: Choice[]
  /** The offices that the flow names, by what they are called. */
  places: Choice[]
  forms: FormItems[]
  /** Every formula of the flow in words, and as lines where lines can say it. */
  conditions: Record<string, { words: string; cases: { when: string; gives: string }[] | null; otherwise: string }>
  below: { flows: Choice[]; lists: Choice[]; forms: Choice[] }
}

export interface Row { document: string; title: string; organisation: string; version: number; steps: string[]; reason: string }
export interface Plan { running: number; able: number; staying: number; moves: Row[]; stays: Row[] }
export interface Difference { version: number; changes: { kind: string; step: string; label: string; text: string }[]; vacant: string[]; plan: Plan | null }
export interface Kept { id: string; revision: number; what: string; at: string; by: string; steps: number }

export interface TriedTask { task: string; step: string; kind: string; mode: string; claimed: boolean; people: string[]; due: string | null; returns: string[]; needs: string[]; signature: string }
export interface TriedStep { action: number; time: string; do: string; by: string; step: string; refused: { text: string } | null; open: string[]; status: string; incidents: string[]; nobody: string[] }
export interface Script { document: Record<string, unknown>; people: Record<string, unknown>; actions: Record<string, unknown>[] }
export interface Tried { script: Script; steps: TriedStep[]; tasks: TriedTask[]; calls: { task: string; step: string; status: string }[]; below: { task: string; step: string; child: string }[]; outcome: string; time: string; incidents: { step: string; task: string; reason: string }[]; number: string }
