// A tree as text with no brackets but those it needs, as engine/formula/printed.py.

import type { Tree } from './tree'

const [OR, AND, NOT, COMPARE, JOIN, SUM, PRODUCT, NEGATE, ATOM] = [1, 2, 3, 4, 5, 6, 7, 8, 9]

export function printed(tree: Tree): string {
  return told(tree)[0]
}

function told(tree: Tree): [string, number] {
  if ('or' in tree) return [tree.or.map((one) => at(one, OR + 1)).join(' or '), OR]
  if ('and' in tree) return [tree.and.map((one) => at(one, AND + 1)).join(' and '), AND]
  if ('not' in tree) return [`not ${at(tree.not, NOT)}`, NOT]
  if ('compare' in tree) return [chain(tree.compare, tree.operators, COMPARE), COMPARE]
  if ('in' in tree) return [`${at(tree.in, JOIN)} in (${tree.options.map(printed).join(', ')})`, COMPARE]
  if ('within' in tree) return [`${at(tree.within, JOIN)} within ${at(tree.place, JOIN)}`, COMPARE]
  if ('join' in tree) return [tree.join.map((one) => at(one, SUM)).join(' & '), JOIN]
  if ('arithmetic' in tree) {
    const level = '+-'.includes(tree.operators[0] ?? '+') ? SUM : PRODUCT
    return [chain(tree.arithmetic, tree.operators, level), level]
  }
  if ('negate' in tree) return [`-${at(tree.negate, NEGATE)}`, NEGATE]
  return [atom(tree), ATOM]
}

function atom(tree: Tree): string {
  if ('number' in tree) return tree.number
  if ('text' in tree) return `"${tree.text.replace(/"/g, '""')}"`
  if ('boolean' in tree) return tree.boolean ? 'true' : 'false'
  if ('previous' in tree) return `${tree.previous}(${tree.name})`
  if ('name' in tree) return tree.name
  if ('call' in tree) return `${tree.call}(${tree.arguments.map(printed).join(', ')})`
  if ('aggregate' in tree) {
    const source = tree.column === null ? tree.source : `${tree.source}.${tree.column}`
    return `${tree.aggregate}(${source}${tree.where ? ` where ${printed(tree.where)}` : ''})`
  }
  return 'blank'
}

function chain(operands: Tree[], operators: string[], level: number): string {
  return operands.map((one, index) => (index ? `${operators[index - 1] ?? ''} ` : '') + at(one, level + 1)).join(' ')
}

function at(tree: Tree, level: number): string {
  const [text, own] = told(tree)
  return own >= level ? text : `(${text})`
}
