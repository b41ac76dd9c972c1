// Calls to our own REST API; a refusal comes back as Refused with the server's words.

import type { Change, Design, Difference, FieldHit, FormulaAsked, FormulaTold, NewField, News, ReplayPart } from './types'

export class Refused extends Error {
  constructor(
    text: string,
    readonly status: number,
    readonly errors: Record<string, string> = {},
    readonly code = '',
    readonly details: Record<string, unknown> = {},
  ) {
    super(text)
  }
}

export async function call<T>(method: string, url: string, body?: unknown): Promise<T> {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? ''
  const answer = await fetch(url, {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json', 'content-type': 'application/json', 'x-csrf-token': token },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const data = (await answer.json().catch(() => ({}))) as T & {
    text?: string
    code?: string
    errors?: Record<string, string>
    details?: Record<string, unknown>
  }
  if (!answer.ok) throw new Refused(data.text ?? String(answer.status), answer.status, data.errors, data.code, data.details)
  return data
}

const design = (id: string) => `/api/designs/${encodeURIComponent(id)}`

export const loadDesign = (id: string) => call<Design>('GET', design(id))
export const changeDesign = (id: string, change: Change) => call<Design>('PATCH', design(id), change)
export const turnDesign = (id: string, way: 'undo' | 'redo', tab: string, force: boolean) =>
  call<Design>('POST', `${design(id)}/${way}`, { tab, force })
export const bePresent = (id: string, place: { tab: string; item: string; since: number; gone?: boolean }) =>
  call<News>('POST', `${design(id)}/presence`, place)
export const tellFormula = (id: string, asked: FormulaAsked) => call<FormulaTold>('POST', `${design(id)}/formula`, asked)
export const loadDifference = (id: string) => call<Difference>('GET', `${design(id)}/difference`)
export const replayPart = (id: string, after: string) =>
  call<ReplayPart>('GET', `${design(id)}/replay?after=${encodeURIComponent(after)}`)
export const publishDesign = (id: string, revision: number, note: string) =>
  call<{ href: string; version: number }>('POST', `${design(id)}/publish`, { revision, note })
export const findFields = async (query: string) =>
  (await call<{ fields: FieldHit[] }>('GET', `/api/fields?limit=12&q=${encodeURIComponent(query)}`)).fields
export const createField = (field: NewField) => call<FieldHit>('POST', '/api/fields', field)

export interface PreviewChoices {
  organisations: { code: string; name: string; above: string }[]
  periods: { code: string; text: string }[]
  roles: { code: string; text: string }[]
}
export const previewChoices = (id: string, words: string) =>
  call<PreviewChoices>('GET', `${design(id)}/preview?q=${encodeURIComponent(words)}`)
