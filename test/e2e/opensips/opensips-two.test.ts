import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { Evi } from '../../helpers/evi/evi.ts'
import { type StandInOpenSips, startStandIn } from '../../helpers/opensips/stand-in-opensips.ts'

let evi: Evi
let one: StandInOpenSips
let other: StandInOpenSips
let key: string
beforeEach(async () => {
  evi = new Evi()
  one = await startStandIn({ version: '3.4.18' })
  other = await startStandIn({ version: '4.0.1' })
  key = `k-${randomUUID()}`
  for (const { memory } of [one, other]) memory.subscribe('E_PIKE_BLOCKED', socket('both'))
  one.memory.subscribe('E_PIKE_BLOCKED', socket('one'))
  other.memory.subscribe('E_PIKE_BLOCKED', socket('other'))
  await evi.run(['subscribe', 'E_OTHER', `${brokerAddress}/x`])
})
afterEach(async () => {
  await evi.dispose()
  await Promise.all([one.close(), other.close()])
})

const socket = (name: string) => `${brokerAddress}/exchange=amq.topic?${key}-${name}`
/** The routing keys of what evi has, without the part that differs from run to run. */
const stored = async () => {
  const { subscriptions } = await evi.json<{ subscriptions: { socket: string }[] }>('list', 'E_PIKE_BLOCKED')
  return subscriptions.map(({ socket }) => socket.replace(/.*-/, '')).sort()
}

test('import takes over what each of two OpenSIPS has, and what both have once', async () => {
  expect(await evi.run(['import', '--opensips', one.urls.http])).toMatchObject({ code: 0 })
  expect(await stored()).toEqual(['both', 'one'])
  expect(await evi.run(['import', '--opensips', other.urls.fifo])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 added, 1 renewed'),
  })
  expect(await stored()).toEqual(['both', 'one', 'other'])
  await evi.run(['import', '--opensips', one.urls.http, '--replace'])
  expect(await stored()).toEqual(['both', 'one'])
})

test('map and check show for each of two OpenSIPS what the other one has', async () => {
  await evi.run(['import', '--opensips', one.urls.http])
  const map = await evi.run(['map', 'E_PIKE_BLOCKED', '--opensips', other.urls.http])
  expect(map.stdout).toMatch(/^OpenSIPS 4\.0\.1/)
  expect(map.stdout).toMatch(new RegExp(`${key}-other +only in OpenSIPS\n`))
  expect(map.stdout).toMatch(new RegExp(`${key}-one +only in evi\n`))
  const check = await evi.run(['check', 'E_PIKE_BLOCKED', '--opensips', other.urls.http])
  expect(check.stdout).toContain('OpenSIPS does not send E_PIKE_BLOCKED there')
  expect(check.stdout).toMatch(new RegExp(`subscribed +rabbitmq:guest@127.0.0.1/amq.topic\\?${key}-both\n`))
  const own = await evi.run(['check', 'E_PIKE_BLOCKED', '--opensips', one.urls.http])
  expect(own.stdout).not.toContain('OpenSIPS does not send')
})

test('a raise through one of two OpenSIPS proves its own subscribers only', async () => {
  const { code, stdout } = await evi.run(['raise', 'E_PIKE_BLOCKED', '--opensips', other.urls.http])
  expect(stdout).toMatch(new RegExp(`${key}-other +arrived`))
  expect(stdout).toMatch(new RegExp(`${key}-both +arrived`))
  expect(stdout).not.toContain(`${key}-one`)
  expect(code).toBe(0)
})

test('an OpenSIPS that was restarted between two steps is seen as it is then', async () => {
  expect(await evi.run(['import', '--opensips', one.urls.http])).toMatchObject({ code: 0 })
  one.memory.close()
  const check = await evi.run(['check', 'E_PIKE_BLOCKED', '--opensips', one.urls.http])
  expect(check.stdout).toContain('it has no subscriber')
  expect(check.code).toBe(4)
  const raise = await evi.run(['raise', 'E_PIKE_BLOCKED', '--opensips', one.urls.http])
  expect(raise).toMatchObject({ code: 4, stderr: expect.stringContaining('has no subscriber in OpenSIPS') })
  one.memory.subscribe('E_PIKE_BLOCKED', socket('one'))
  expect(await evi.run(['raise', 'E_PIKE_BLOCKED', '--opensips', one.urls.http])).toMatchObject({ code: 0 })
})
