// The server's word on names in a sheet: who may be picked, whom pasted names mean, what a picked person brings along.

import type { Json } from '../fill/queue'
import type { Called, Hit } from './called'

/** As many names as one question takes (admin/api/picks.py). */
const MOST = 200

export class Lookup {
  private readonly address: string

  constructor(documentId: string) {
    this.address = `/api/documents/${encodeURIComponent(documentId)}`
  }

  /** Who may be picked for a cell; a text where the server says why not, nothing without network. */
  async candidates(path: string, words: string): Promise<Hit[] | string | null> {
    const answer = await this.get(`pick?${new URLSearchParams({ path, q: words })}`)
    const told = (await answer?.json().catch(() => null)) as { candidates?: Hit[]; text?: string } | null
    if (answer?.ok) return told?.candidates ?? []
    return told?.text ?? null
  }

  /** Asks whom names mean, and keeps the answers; false when there was none. */
  async resolve(path: string, called: Called, words: Iterable<string>): Promise<boolean> {
    const open = called.unknown(words)
    for (let at = 0; at < open.length; at += MOST) {
      const answer = await fetch(`${this.address}/named`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', 'x-csrf-token': token() },
        body: JSON.stringify({ path, words: open.slice(at, at + MOST) }),
      }).catch(() => null)
      if (!answer?.ok) return false
      const told = (await answer.json()) as { names: { words: string; candidates: Hit[] }[] }
      for (const one of told.names) called.answer(one.words, one.candidates)
    }
    return true
  }

  /** What the register knows of a picked person for the cells beside. */
  async beside(path: string, person: string): Promise<[string, Json][]> {
    const answer = await this.get(`picked?${new URLSearchParams({ path, value: person })}`)
    if (!answer?.ok) return []
    const told = (await answer.json()) as { cells: { path: string; value: Json }[] }
    return told.cells.map((one) => [one.path, one.value])
  }

  private get(rest: string): Promise<Response | null> {
    return fetch(`${this.address}/${rest}`, { headers: { accept: 'application/json' } }).catch(() => null)
  }
}

function token(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? ''
}
