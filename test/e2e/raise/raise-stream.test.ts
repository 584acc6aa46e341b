import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { brokerAddress, propertiesOf } from '../../helpers/brokers/client.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'
import { bodies, file, lines, notification, numbered, subscribed } from '../../helpers/evi/streams.ts'
import { Terminal } from '../../helpers/terminal/terminal.ts'

useClient()
useEvi()

describe('what is published', () => {
  test('a notification goes out byte for byte, with no property at all', async () => {
    const queue = await subscribed('E_X')
    const texts = [
      notification('E_X'),
      ' { "method" : "E_X", "jsonrpc" : "2.0", "params" : { "n" : 1.0, "2" : 12345678901234567890, "é" : "\\u00e9" } } ',
      '{"jsonrpc":"2.0","method":"E_X","params":["ü","\\"","🛰"],"more":true}',
    ]
    expect(await evi.run(['raise', '-', '--sync'], { input: lines(...texts) })).toMatchObject({ code: 0 })
    const messages = await client.take(queue)
    expect(messages.map(({ content }) => content.toString())).toEqual(texts)
    expect(messages.map(propertiesOf)).toEqual([{}, {}, {}])
  })

  test.each([
    ['a byte order mark', `\ufeff${notification('E_X')}\n`],
    ['CRLF', `${notification('E_X')}\r\n`],
    ['no line end at the end', notification('E_X')],
    ['empty lines', `\n  \n${notification('E_X')}\n\r\n`],
  ])('%s is no part of it', async (_, input) => {
    const queue = await subscribed('E_X')
    const { code, stderr } = await evi.run(['raise', '-'], { input })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^✔ 1 read, 1 sent, 0 failed/),
    })
    expect(await bodies(queue)).toEqual([notification('E_X')])
  })

  test('--batch makes an event of each line of params', async () => {
    const queue = await subscribed('E_X')
    writeFileSync(file('params'), lines('{"b":1.0, "1":"x y"}', '["a",2]', '{}'))
    expect(await evi.run(['raise', 'E_X', '--batch', file('params')])).toMatchObject({ code: 0 })
    expect(await evi.run(['raise', 'E_X', '--batch', '-'], { input: '{"z":null}' })).toMatchObject({
      code: 0,
    })
    expect(await bodies(queue)).toEqual([
      notification('E_X', ',"params":{"b":1.0,"1":"x y"}'),
      notification('E_X', ',"params":["a",2]'),
      notification('E_X'),
      notification('E_X', ',"params":{"z":null}'),
    ])
  })

  test('what tail --json recorded is raised again, with the properties that a raise can give', async () => {
    const exchange = await client.exchange('direct')
    await evi.run(['subscribe', 'E_X', `${brokerAddress}/${exchange}?x`])
    const tail = evi.start(['tail', '--json', '--count', '2'])
    await tail.said('stderr', /Watching/)
    const body = '{"jsonrpc":"2.0","method":"E_X","params":{"n":1.0,"message":{"a":1}}}'
    client.channel.publish(exchange, 'x', Buffer.from(body))
    client.channel.publish(exchange, 'x', Buffer.from(body), {
      contentType: 'application/json',
      headers: { trace: 'abc', deep: { n: 1 }, message: { x: 1 } },
    })
    const recorded = (await tail.ended).stdout
    const queue = await client.queue()
    await client.channel.bindQueue(queue, exchange, 'x')
    expect(await evi.run(['raise', '-', '--sync'], { input: recorded })).toMatchObject({ code: 0 })
    const messages = await client.take(queue)
    expect(messages.map(({ content }) => content.toString())).toEqual([body, body])
    expect(messages.map(propertiesOf)).toEqual([
      {},
      { contentType: 'application/json', headers: { trace: 'abc', deep: { n: 1 }, message: { x: 1 } } },
    ])
  })

  test('what tail --raw recorded is raised again', async () => {
    const queue = await subscribed('E_X')
    const recorded = lines(...numbered('E_X', 3))
    expect(await evi.run(['raise', '-'], { input: recorded })).toMatchObject({ code: 0 })
    expect(lines(...(await bodies(queue)))).toBe(recorded)
  })

  test('one that is larger than a frame arrives whole', async () => {
    const queue = await subscribed('E_X')
    const text = notification('E_X', `,"params":["${'x'.repeat(300_000)}"]`)
    const { code } = await evi.run(['raise', '-', '--sync', '--max-message', '0'], {
      input: lines(text, text),
    })
    expect(code).toBe(0)
    expect(await bodies(queue)).toEqual([text, text])
  })

  test('a line is sent as it arrives, while the next one is waited for', async () => {
    const queue = await subscribed('E_X')
    const seen = await client.work(queue)
    const stream = evi.start(['raise', '-'], { open: true })
    for (const text of numbered('E_X', 3)) {
      stream.write(`${text}\n`)
      await expect.poll(() => seen.at(-1)).toBe(text)
    }
    stream.endInput()
    expect(await stream.ended).toMatchObject({ code: 0 })
  })

  test('each event goes to its own subscribers, thousands of them in order', async () => {
    const [first, second] = [await subscribed('E_A'), await subscribed('E_B')]
    const a = numbered('E_A', 5000)
    const input = lines(...a.flatMap((text) => [text, notification('E_B')]))
    for (const mode of ['--sync', '--no-sync']) {
      expect(await evi.run(['raise', '-', mode, '--window', '50'], { input })).toMatchObject({ code: 0 })
      expect(await bodies(first)).toEqual(a)
      expect((await client.take(second)).length).toBe(5000)
    }
  })

  test('who subscribes while the stream runs gets what comes then', async () => {
    const early = await subscribed('E_X')
    const stream = evi.start(['raise', '-'], { open: true })
    stream.write(`${notification('E_X')}\n`)
    await expect.poll(() => bodies(early)).toHaveLength(1)
    const late = await subscribed('E_X')
    const raised = async () => {
      stream.write(`${notification('E_X')}\n`)
      return (await bodies(late)).length
    }
    await expect.poll(raised).toBeGreaterThan(0)
    stream.endInput()
    expect(await stream.ended).toMatchObject({ code: 0 })
  })
})

test('on a terminal the progress is shown, and gone at the end', async () => {
  const queue = await subscribed('E_X')
  writeFileSync(file('f'), lines(...Array.from({ length: 6 }, () => '{}')))
  await using terminal = new Terminal(evi, ['raise', 'E_X', '--batch', file('f'), '--rate', '4'])
  await terminal.shows(/\d sent, \d+\/s/)
  await terminal.shows(/6 read, 6 sent, 0 failed/)
  expect(await terminal.ended()).toBe(0)
  expect(await bodies(queue)).toHaveLength(6)
})
