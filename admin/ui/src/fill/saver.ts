// Sends the queue to the server: one request at a time, soon after the last key, again and again until it is through.

import type { Conflict, Problem } from './cells'
import type { Json } from './queue'
import type { Session } from './session'

/** What is to be sent: a part at a time, until the server has acknowledged all of it. */
export interface Sendable<Sent, Given> {
  readonly size: number
  snapshot(): Sent
  acknowledge(sent: Sent, answer: Given): void
  /** The server will not take this part: set aside, so that the rest can go. A queue without this stands still. */
  refuse?(sent: Sent, reason: string): void
}

export interface Answer {
  revision: number
  cells?: Record<string, { state: string; display: string }>
  computed?: Record<string, Json>
  problems?: Problem[]
  conflicts?: Conflict[]
  /** What somebody else, or the same person in another window, changed since this page looked. */
  elsewhere?: { path: string; value: Json; by: string }[]
  /** The page shows an older version of the form than the document is on by now. */
  form_changed?: { version: number; by: string; items: string[]; left: { path: string; label: string }[] } | null
}

export type SaveState =
  | { kind: 'saved' }
  | { kind: 'saving' }
  | { kind: 'waiting' }
  | { kind: 'login' }
  | { kind: 'failed'; reason: string }

const SOON = 700
const LONGEST = 30_000
const BUSY = 429

export class Saver<Sent, Given> {
  private timer = 0
  private running: Promise<boolean> | null = null
  private pause = 2_000
  private out = false

  constructor(
    private readonly url: string,
    private readonly session: Session,
    private readonly queue: Sendable<Sent, Given>,
    private readonly onState: (state: SaveState) => void,
    private readonly onAnswer: (answer: Given, sent: Sent) => void,
  ) {
    window.addEventListener('online', () => this.soon(0))
    window.addEventListener('pagehide', () => this.last())
    document.addEventListener('visibilitychange', () => void this.back())
  }

  /** True when everything has arrived and the server would take a submit now. */
  async ready(): Promise<boolean> {
    if (this.queue.size) return this.flush()
    const standing = await this.session.standing()
    if (standing !== 'ok') this.onState({ kind: standing === 'login' ? 'login' : 'waiting' })
    return standing === 'ok'
  }

  /** Somebody who came back from another window may have logged in there. */
  private async back(): Promise<void> {
    if (document.hidden || !this.out) return
    if ((await this.session.standing()) !== 'ok') return
    this.out = false
    if (await this.flush()) this.onState({ kind: 'saved' })
  }

  soon(delay = SOON): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => void this.flush(), delay)
  }

  /** True when everything has arrived. */
  async flush(): Promise<boolean> {
    window.clearTimeout(this.timer)
    while (this.running) await this.running
    if (!this.queue.size) return true
    this.running = this.send(this.queue.snapshot()).finally(() => (this.running = null))
    const sent = await this.running
    return sent && (this.queue.size ? this.flush() : true)
  }

  private async send(sent: Sent, renewed = false): Promise<boolean> {
    this.onState({ kind: 'saving' })
    let answer: Response
    try {
      answer = await fetch(this.url, this.request(sent))
    } catch {
      return this.later({ kind: 'waiting' })
    }
    if (answer.status >= 500 || answer.status === BUSY) return this.later({ kind: 'waiting' })
    if (answer.status === 401 || answer.redirected) return this.stop({ kind: 'login' })
    if (answer.status === 403 && !renewed) {
      const standing = await this.session.standing()
      if (standing === 'ok') return this.send(sent, true)
      return standing === 'offline' ? this.later({ kind: 'waiting' }) : this.stop({ kind: 'login' })
    }
    const body = (await answer.json().catch(() => ({}))) as Given & { text?: string; detail?: string }
    if (!answer.ok) {
      const reason = body.text ?? body.detail ?? String(answer.status)
      this.queue.refuse?.(sent, reason)
      this.stop({ kind: 'failed', reason })
      return this.queue.refuse !== undefined
    }
    this.pause = 2_000
    this.queue.acknowledge(sent, body)
    this.onAnswer(body, sent)
    this.onState({ kind: 'saved' })
    return true
  }

  private request(sent: Sent, keepalive = false): RequestInit {
    return {
      method: 'PATCH',
      keepalive,
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-csrf-token': this.session.token },
      body: JSON.stringify(sent),
    }
  }

  private stop(state: SaveState): false {
    this.out = state.kind === 'login'
    this.onState(state)
    return false
  }

  private later(state: SaveState): false {
    this.soon(this.pause)
    this.pause = Math.min(this.pause * 2, LONGEST)
    return this.stop(state)
  }

  /** The page goes away: try once more without waiting; the queue keeps what does not get through. */
  private last(): void {
    if (this.queue.size && !this.running) void fetch(this.url, this.request(this.queue.snapshot(), true)).catch(() => undefined)
  }
}
