// The log-in that this page belongs to: its token for changes, and whether it still holds.

export type Standing = 'ok' | 'login' | 'offline'

const tag = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)

export class Session {
  get token(): string {
    return tag('csrf-token')?.content ?? ''
  }

  /** Where to log in, coming back to this page. */
  get door(): string {
    return `/login?next=${encodeURIComponent(location.pathname)}`
  }

  /** Asks the server. The same person with a new log-in of another window goes on here with its token. */
  async standing(): Promise<Standing> {
    let answer: Response
    try {
      answer = await fetch('/api/session', { credentials: 'same-origin', headers: { accept: 'application/json' } })
    } catch {
      return 'offline'
    }
    if (answer.status >= 500) return 'offline'
    const who = (await answer.json().catch(() => ({}))) as { id?: string; csrf?: string }
    if (!answer.ok || !who.csrf || who.id !== tag('user-id')?.content) return 'login'
    this.take(who.csrf)
    return 'ok'
  }

  private take(token: string): void {
    tag('csrf-token')?.setAttribute('content', token)
    for (const field of document.querySelectorAll<HTMLInputElement>('input[name="csrf"]')) field.value = token
  }
}
