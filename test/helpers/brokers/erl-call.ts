import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Sandbox } from '#lib/sandbox/sandbox.ts'

/** Has a broker evaluate Erlang, by a program that takes milliseconds, while each start of rabbitmqctl takes a second. */
export class ErlCall {
  readonly #program: string
  readonly #environment: Readonly<Record<string, string>>

  /** @param program the path of the `erl_call` that came with the broker's Erlang */
  constructor(program: string, { tools }: Pick<Sandbox, 'tools'>) {
    this.#program = program
    this.#environment = environmentOf(tools)
  }

  /**
   * @param expression of an iolist, which is returned as text
   * @throws Error with Erlang's own words when the evaluation fails
   */
  async evaluate(expression: string): Promise<string> {
    const node = String(this.#environment.RABBITMQ_NODENAME)
    // A name of its own: the broker refuses a caller of the name of one that it has not yet seen leave.
    const caller = `evi-test-${randomUUID()}`
    const child = spawn(this.#program, ['-h', caller, '-n', node, '-e'], { env: this.#environment })
    // In base64 nothing is escaped.
    child.stdin.end(`base64:encode_to_string(unicode:characters_to_binary(${expression})).\n`)
    const [output, complaint] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    const [, encoded] = /^\{ok, (?:"(.*)"|\[\])\}/.exec(output) ?? []
    if (!output.startsWith('{ok, ')) throw new Error(`${expression}\n${output}${complaint}`)
    return Buffer.from(encoded ?? '', 'base64').toString()
  }
}

/** Where the `erl_call` of the broker's Erlang is; an empty string where there is none. */
export async function findErlCall(broker: Pick<Sandbox, 'rabbitmqctl'>): Promise<string> {
  const files = 'filelib:wildcard(code:root_dir() ++ "/erts-*/bin/erl_call").'
  const [file = ''] = JSON.parse(await broker.rabbitmqctl('eval', files))
  return file
}

/** The variables by which RabbitMQ's tools find the broker. */
function environmentOf(tools: string): Record<string, string> {
  const script = readFileSync(join(tools, 'rabbitmqctl'), 'utf8')
  const variables = script.matchAll(/^export (\w+)='?(.*?)'?$/gm)
  return Object.fromEntries([...variables].map(([, name, value]) => [name, value]))
}
