// The typed tree as engine/formula/tree_json.py writes it: objects of one telling key.

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>='
export type AggregateName = 'SUM' | 'COUNT' | 'AVG' | 'MIN' | 'MAX'

export interface Compare {
  compare: Tree[]
  operators: Comparator[]
}
export interface Aggregate {
  aggregate: AggregateName
  source: string
  column: string | null
  where: Tree | null
}
export interface Call {
  call: string
  arguments: Tree[]
}
export interface Previous {
  previous: 'last' | 'same_period_last_year'
  name: string
}
export type Tree =
  | { number: string }
  | { text: string }
  | { boolean: boolean }
  | { blank: true }
  | { name: string }
  | Previous
  | { negate: Tree }
  | { not: Tree }
  | { arithmetic: Tree[]; operators: string[] }
  | Compare
  | { join: Tree[] }
  | { and: Tree[] }
  | { or: Tree[] }
  | { in: Tree; options: Tree[] }
  | { within: Tree; place: Tree }
  | Call
  | Aggregate

export const AGGREGATES: ReadonlySet<string> = new Set(['SUM', 'COUNT', 'AVG', 'MIN', 'MAX'])
