/**
 * A text with its places filled, by the rules of the server's texts: `{n}`, and `{n:day|days}` for a word that
 * goes with a number. A place that nobody fills shows nothing.
 */
export function filled(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(
    /\{(\w+)(?::([^{}|]*)\|([^{}|]*))?\}/g,
    (_, name: string, one?: string, many?: string) =>
      many === undefined ? String(values[name] ?? '') : (String(values[name]) === '1' ? one ?? '' : many),
  )
}
