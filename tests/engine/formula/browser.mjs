// node browser.mjs BUNDLE: answers lines of questions with what the browser's evaluator says.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const { answers } = await import(pathToFileURL(process.argv[2]).href)
createInterface({ input: process.stdin }).on('line', (line) => process.stdout.write(`${answers(line)}\n`))
