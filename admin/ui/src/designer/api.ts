// Calls to our own REST API; a refusal comes back as Refused with the server's words.

import type { Change, Design, Difference, FieldHit, NewField } from './types'

export class Refused extends Error {
  constructor(
    text: string,
    readonly status: number,
    readonly errors: Record<string, string> = {},
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
  const data = (await answer.json().catch(() => ({}))) as T & { text?: string; errors?: Record<string, string> }
  if (!answer.ok) throw new Refused(data.text ?? String(answer.status), answer.status, data.errors)
  return data
}

const design = (id: string) => `/api/designs/${encodeURIComponent(id)}`

export const loadDesign = (id: string) => call<Design>('GET', design(id))
export const changeDesign = (id: string, change: Change) => call<Design>('PATCH', design(id), change)
export const loadDifference = (id: string) => call<Difference>('GET', `${design(id)}/difference`)
export const publishDesign = (id: string, revision: number, note: string) =>
  call<{ href: string; version: number }>('POST', `${design(id)}/publish`, { revision, note })
export const findFields = async (query: string) =>
  (await call<{ fields: FieldHit[] }>('GET', `/api/fields?limit=12&q=${encodeURIComponent(query)}`)).fields
export const createField = (field: NewField) => call<FieldHit>('POST', '/api/fields', field)
