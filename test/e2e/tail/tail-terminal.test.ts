import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { Terminal } from '../../helpers/terminal/terminal.ts'

let exchange: string
useClient()
useEvi()
beforeEach(async () => {
  exchange = await client.exchange('fanout')
})

const event = (params: object) => JSON.stringify({ jsonrpc: '2.0', method: 'E_X', params })
const publish = (...bodies: string[]) => {
  for (const body of bodies) client.channel.publish(exchange, 'k', Buffer.from(body))
}
const long = event({ ip: '10.0.0.1', text: 'x'.repeat(150), end: 'END' })

/** A terminal of so many columns with `evi tail`, and its device. */
function openTerminal(columns: number, ...words: string[]) {
  const [start, device] = [join(evi.configDirectory, 'start'), join(evi.configDirectory, 'device')]
  writeFileSync(start, `tty > ${device}\nstty cols ${columns}\nexec ${evi.command} "$@"\n`)
  const socket = `"${brokerAddress}/${exchange}?k"`
  const terminal = new Terminal(evi, ['tail', '-s', socket, ...words], {}, `sh ${start}`)
  const resize = (to: number) =>
    execFileSync('stty', ['-F', readFileSync(device, 'utf8').trim(), 'cols', String(to)])
  return { terminal, resize }
}

/** What the terminal shows of events, a line each. */
const linesOf = ({ text }: Terminal) => text.split(/\r?\n/).filter((line) => /^\d\d:\d\d:/.test(line))

describe('tail on a terminal', () => {
  test.each([
    [60, 60],
    // Where the time would be most of a line, it takes two rows.
    [20, 40],
  ])('of %i columns cuts lines at %i columns, and says so once', async (columns, width) => {
    const { terminal } = openTerminal(columns, '-n', '2')
    await using _ = terminal
    await terminal.shows('Watching')
    publish(long, long)
    expect(await terminal.ended()).toBe(0)
    const lines = linesOf(terminal)
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line).toMatch(new RegExp(`^.{${width - 1}}…$`))
    expect(terminal.text.match(/Long lines are cut/g)).toHaveLength(1)
  })

  test('goes by the new width once it is resized', async () => {
    const { terminal, resize } = openTerminal(60, '-n', '3')
    await using _ = terminal
    await terminal.shows('Watching')
    publish(long)
    await terminal.shows('x…')
    resize(40)
    // The signal may come after the next event.
    await expect
      .poll(async () => {
        if (linesOf(terminal).at(-1)?.length === 40) return 40
        publish(long)
        await terminal.shows('x…')
        return linesOf(terminal).at(-1)?.length
      })
      .toBe(40)
  })

  test('with --full, and into a pipe without it, prints whole lines', async () => {
    const { terminal } = openTerminal(60, '-n', '1', '--full')
    await using _ = terminal
    await terminal.shows('Watching')
    publish(long)
    await terminal.shows('end=END')
    expect(await terminal.ended()).toBe(0)
    const pipe = evi.start(['tail', '-s', `${brokerAddress}/${exchange}?k`, '-n', '1'])
    await pipe.said('stderr', /Watching/)
    publish(long)
    expect((await pipe.ended).stdout).toMatch(/end=END\n$/)
  })

  test('prints names of params dim', async () => {
    const { terminal } = openTerminal(80, '-n', '1')
    await using _ = terminal
    await terminal.shows('Watching')
    publish(event({ ip: '10.0.0.1' }))
    expect(await terminal.ended()).toBe(0)
    expect(terminal.raw).toContain('\x1b[2mip=\x1b[22m10.0.0.1')
  })

  test('samples a stream that is too fast to read, says how much it left out, and counts all', async () => {
    const { terminal } = openTerminal(80)
    await using _ = terminal
    await terminal.shows('Watching')
    const events = Array.from({ length: 2000 }, (_, n) => event({ n }))
    publish(...events)
    await terminal.shows(/… [\d,]+ more, too fast to read: --full or --json prints all/)
    const left = () =>
      [...terminal.text.matchAll(/… ([\d,]+) more/g)].reduce(
        (sum, [, number = '']) => sum + Number(number.replaceAll(',', '')),
        0,
      )
    await expect.poll(() => left() + linesOf(terminal).length).toBe(2000)
    terminal.type('\x03')
    await terminal.shows(/Seen in .*: 2,000 events\./)
    expect(await terminal.ended()).toBe(0)
    expect(linesOf(terminal).length).toBeLessThan(1000)
  })

  test.each([[['--full', '-n', '600']], [['-n', '600']], [['--json', '--count', '600']]])(
    'with %j prints all of a fast stream',
    async (words) => {
      const { terminal } = openTerminal(80, ...words)
      await using _ = terminal
      await terminal.shows('Watching')
      publish(...Array.from({ length: 600 }, (_, n) => event({ n })))
      expect(await terminal.ended()).toBe(0)
      expect(terminal.text.match(/E_X/g)).toHaveLength(600)
      expect(terminal.text).not.toContain('too fast')
    },
  )
})
