import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { type LocalServer, serve } from '../../helpers/brokers/local-server.ts'
import { closedPort } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'
import { missing } from '../../helpers/evi/streams.ts'
import { slowSettings } from '../../helpers/slowness.ts'

useEvi()

/** It accepts connections and answers nothing. */
let silent: LocalServer
beforeAll(async () => {
  silent = await serve((connection) => void connection.on('error', () => {}).resume())
})
afterAll(() => silent.close())

const replyTimeout = Number(slowSettings.EVI_TIMEOUT)
const silence = new RegExp(
  `The management API did not answer within ${Math.round(replyTimeout / 5)} ms\\. So evi did not look for what else has that name\\.$`,
)

describe('check of what is missing, with a management API that accepts and never answers', () => {
  test.each([
    ['a queue', () => missing(), 5, 'queue', /^There is no queue/],
    ['an exchange', () => `${missing()}?k`, 76, 'exchange', /^There is no exchange/],
  ])(
    '%s has the verdict of the broker soon, with its own time and a word of the silence',
    async (_, place, exit, step, reason) => {
      const words = ['check', '--json', '--management', `http://127.0.0.1:${silent.port}`]
      const sockets = Array.from({ length: 7 }, () => ['--socket', `${brokerAddress}/${place()}`]).flat()
      const { code, stdout, ms } = await evi.run([...words, ...sockets])
      expect(code).toBe(exit)
      expect(ms).toBeLessThan(replyTimeout)
      const last = JSON.parse(stdout).checks.map(({ steps }: { steps: { hint: string }[] }) => steps.at(-1))
      expect(last).toHaveLength(7)
      for (const one of last) {
        expect(one).toMatchObject({ step, status: 'failed', reason: expect.stringMatching(reason) })
        expect(one.ms).toBeLessThan(replyTimeout / 5)
      }
      // Those that failed first: their order is the broker's.
      expect(last.filter(({ hint }: { hint: string }) => silence.test(hint))).toHaveLength(5)
    },
  )
})

test('check of what is missing says that nothing is where the management API was named', async () => {
  const words = ['check', '--json', '--socket', `${brokerAddress}/${missing()}`]
  const { code, stdout } = await evi.run([...words, '--management', `http://127.0.0.1:${await closedPort()}`])
  const { hint } = JSON.parse(stdout).checks[0].steps.at(-1)
  expect(code).toBe(5)
  expect(hint).toMatch(
    /cannot be reached \(ECONNREFUSED\)\. So evi did not look for what else has that name\.$/,
  )
})
