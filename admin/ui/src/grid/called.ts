// What the organisations and people in a column of a sheet are called, both ways: values are shown by name, and a name
// that is typed or pasted becomes a value once the server has said whom it means. Nobody is guessed.

import type { Json } from '../fill/queue'

export interface Hit {
  value: string
  label: string
  note: string
}

export class Called {
  /** By the words that were asked for: everybody who is called so and may be picked. */
  private readonly asked = new Map<string, Hit[]>()

  constructor(private readonly labels: Map<string, string>) {}

  learn(hit: Hit): void {
    this.labels.set(hit.value, hit.label)
  }

  answer(words: string, hits: Hit[]): void {
    this.asked.set(words, hits)
    for (const hit of hits) this.learn(hit)
  }

  label(value: string): string {
    return this.labels.get(value) ?? value
  }

  /** What the words mean: a value, or nothing where nobody or several are called so. */
  value(words: string): Json | undefined {
    if (this.labels.has(words)) return words
    const hits = this.asked.get(words)
    return hits?.length === 1 ? hits[0]?.value : undefined
  }

  /** Those of the words that nobody has looked up yet. */
  unknown(words: Iterable<string>): string[] {
    return [...new Set(words)].filter((one) => one !== '' && !this.labels.has(one) && !this.asked.has(one))
  }

  /** Who is called so, where it is more than one. */
  several(words: string): Hit[] {
    const hits = this.asked.get(words) ?? []
    return hits.length > 1 ? hits : []
  }
}
