import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runSandbox } from '../../helpers/brokers/run-sandbox.ts'
import { Evi } from '../../helpers/evi/evi.ts'

/** Of the commands in README.md: the lines behind a `$ `, and what they print. */
interface Block {
  readonly commands: string
  readonly printed: readonly string[]
}

const readme = readFileSync(fileURLToPath(new URL('../../../README.md', import.meta.url)), 'utf8')
const [first, ...quickStart] = [...readme.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = '']) => {
  const lines = text.trimEnd().split('\n')
  const commands = lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
  return { commands: commands.join('\n'), printed: lines.filter((line) => !line.startsWith('$ ')) }
}) as readonly Block[] as [Block, ...Block[]]
const [starting, ...steps] = quickStart as [Block, ...Block[]]

let evi: Evi
let sandbox: ReturnType<typeof runSandbox>
/** From what README.md has to what this sandbox has. */
let ports: readonly (readonly [string, string])[]
beforeAll(async () => {
  evi = new Evi()
  sandbox = runSandbox('--management')
  await sandbox.says('Ctrl-C')
  const [, port = ''] = /@127\.0\.0\.1:(\d+)/.exec(sandbox.stdout) ?? []
  const [, management = ''] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(sandbox.stderr) ?? []
  ports = [
    ['37907', port],
    ['40131', management],
  ]
})
afterAll(async () => {
  await evi.dispose()
  await sandbox[Symbol.asyncDispose]()
})

/** With the ports of this sandbox. */
const here = (text: string) => ports.reduce((known, [from, to]) => known.replaceAll(from, to), text)
/** Without what is another in each run: durations and the blanks before them, times, versions, names of directories. */
const lasting = (text: string) =>
  text
    .replace(/ *\b\d+(?:\.\d+)? m?s\b/g, ' TIME')
    .replace(/^\d\d:\d\d:\d\d\.\d{3}/g, 'CLOCK')
    .replace(/\b\d+\/s\b/g, 'RATE')
    .replace(/(?<=RabbitMQ )\d+\.\d+\.\d+/g, 'VERSION')
    .replace(/\S+\/evi-sandbox-\w+/g, 'SANDBOX')
const linesOf = (text: string) => (text === '' ? [] : text.trimEnd().split('\n')).map(lasting)
const start = ({ commands }: Block) =>
  evi.startShell(`exec 2>&1; export EVI_CONFIG_DIR=~/evi-quick-start; cd; ${here(commands)}`)

async function expectPrinted(running: ReturnType<typeof start>, { printed }: Block): Promise<void> {
  expect(linesOf((await running.ended).stdout)).toEqual(printed.map((line) => lasting(here(line))))
}

test('evi sandbox prints what README.md shows', { retry: 0 }, () => {
  const lines = linesOf(`${sandbox.stdout}${sandbox.stderr}`)
  expect(lines.toSorted()).toEqual(starting.printed.map((line) => lasting(here(line))).toSorted())
})

test('the commands of the quick start print what README.md shows', { retry: 0 }, async () => {
  const raise = 'evi raise E_PIKE_BLOCKED --param ip=192.168.2.11'
  let watching: (() => Promise<void>) | undefined
  for (const step of steps) {
    const running = start(step)
    if (step.commands.includes('evi raise -')) {
      // It begins with a tail, for which the reader is to raise events.
      const ended = running.ended.then(() => true)
      while (
        (await Promise.race([ended, evi.shell(`export EVI_CONFIG_DIR=~/evi-quick-start; ${raise}`)])) !== true
      );
    }
    if (step.commands.includes('evi tail') && !step.commands.includes('evi raise')) {
      await running.said('stdout', /^Watching/m)
      watching = () => expectPrinted(running, step)
      continue
    }
    await expectPrinted(running, step)
    await watching?.()
    watching = undefined
  }
})

test('the first example of README.md prints what it shows', { retry: 0 }, async () => {
  const [, route] = /127\.0\.0\.1:37907\/(amq\S+)/.exec(first.printed.join('\n')) ?? []
  for (const place of ['pike', `${route}`])
    await evi.shell(
      `export EVI_CONFIG_DIR=~/evi-quick-start; evi subscribe E_PIKE_BLOCKED '${here('rabbitmq:guest:guest@127.0.0.1:37907/')}${place}'`,
    )
  await expectPrinted(start(first), first)
})
