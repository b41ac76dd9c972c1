// Organisations and people that a condition may name, asked of the server by a part of their name, pinyin or code.

export interface Hit { value: string; label: string; note: string }

export async function find(pick: string, levels: string[], words: string): Promise<Hit[]> {
  const asked = new URLSearchParams({ pick, levels: levels.join(','), q: words })
  const answer = await fetch(`/api/conditions/values?${asked}`, { headers: { accept: 'application/json' } })
  const told = (await answer.json()) as { candidates?: Hit[]; text?: string }
  if (!answer.ok || !told.candidates) throw new Error(told.text ?? answer.statusText)
  return told.candidates
}
