import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { exitCodes } from '#lib/exit-codes.ts'
import type { Scenario } from './scenario.ts'

export interface Options {
  readonly quick: boolean
  readonly json: boolean
  readonly seed: number
  readonly chosen: readonly Scenario[]
  /** How the user called it. */
  readonly command: string
}

const largestSeed = 2 ** 32 - 1

/** Reads the command line; ends the process with argv where it cannot be read. */
export function readOptions(argv: readonly string[], scenarios: readonly Scenario[]): Options {
  const { values, positionals: names } = parse(argv)
  const seed = values.seed === undefined ? randomInt(largestSeed) : Number(values.seed)
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= largestSeed)) {
    refuse(`--seed is "${values.seed}", not a whole number from 0 to ${largestSeed}.`)
  }
  const unknown = names.filter((name) => scenarios.every((scenario) => scenario.name !== name))
  if (unknown.length > 0) {
    const all = scenarios.map(({ name }) => name).join(', ')
    refuse(`There is no scenario named ${unknown.join(', ')}.\n  There are: ${all}`)
  }
  return {
    quick: values.quick,
    json: values.json,
    seed,
    chosen: scenarios.filter(({ name }) => names.length === 0 || names.includes(name)),
    command: ['npm run soak', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' '),
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        seed: { type: 'string' },
      },
    })
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(exitCodes.usage)
}
