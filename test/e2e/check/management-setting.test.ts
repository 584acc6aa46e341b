import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { parseSocket } from '#lib/domain/socket/parse-socket.ts'
import { ManagementBudget } from '#lib/management/budget.ts'
import { ManagementApi } from '#lib/management/management-api.ts'
import { guessingFinder } from '#lib/services/check/guess-management.ts'
import { ownBroker } from '../../helpers/brokers/own-broker.ts'
import { closedPort, mutePort } from '../../helpers/brokers/servers.ts'
import { evi, useEvi } from '../../helpers/evi/fixtures.ts'

const own = ownBroker({ management: true })
useEvi()

const url = () => String(own.broker.managementUrl)
const socket = () => `rabbitmq:127.0.0.1:${own.broker.port}/amq.fanout?k`
const check = async (environment: Readonly<Record<string, string>> = {}, ...words: string[]) =>
  JSON.parse((await evi.run(['check', '-s', socket(), '--json', ...words], { environment })).stdout)
const routeOf = (report: { checks: { steps: { step: string; status: string }[] }[] }) =>
  report.checks[0]?.steps.find(({ step }) => step === 'route')?.status

describe('the setting management', () => {
  test('with a URL does what --management does, in check and tail; a variable goes before it', async () => {
    expect(routeOf(await check())).toBe('unknown')
    expect(await evi.run(['settings', 'management', url()])).toMatchObject({ code: 0 })
    expect(routeOf(await check())).toBe('failed')
    expect(routeOf(await check({ EVI_MANAGEMENT: 'off' }))).toBe('unknown')
    expect(routeOf(await check({ EVI_MANAGEMENT: 'off' }, '--management', url()))).toBe('failed')
    const tail = ['tail', '-s', socket(), '--timeout', '1ms']
    expect((await evi.run(tail)).stderr).not.toContain('evi cannot see whether a policy')
    const off = await evi.run(tail, { environment: { EVI_MANAGEMENT: 'off' } })
    expect(off.stderr).toContain('evi cannot see whether a policy')
  })

  test('is checked, and shown without its login', async () => {
    expect(await evi.run(['settings', 'management', 'somewhere'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('management is neither auto nor off nor the address'),
    })
    const login = url().replace('//', '//eve:s3cret@')
    const { code, stdout } = await evi.run(['settings', 'management', login])
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.not.stringContaining('s3cret') })
    expect(stdout).toContain(`management  ${url().replace(/\/$/, '')}  settings`)
    await evi.run(['settings', 'management', '--unset'])
    expect((await evi.run(['settings', 'management', '--json'])).stdout).toContain('"value":"auto"')
    expect(await evi.run(['check', '-s', socket()], { environment: { EVI_MANAGEMENT: 'x' } })).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('EVI_MANAGEMENT is neither auto nor off'),
    })
  })
})

describe('the API that is guessed', () => {
  const opened: string[] = []
  /** A guess that leads to the address in the place of the usual port. */
  const finder = (address: string, limit = 30_000) =>
    guessingFinder(async (guess, { user }) => {
      opened.push(guess.href)
      return new ManagementApi(
        { url: new URL(address), user, password: 'guest' },
        { replyTimeout: 30_000, budget: new ManagementBudget(30_000) },
      )
    }, limit)
  const local = parseSocket('rabbitmq:127.0.0.1/amq.fanout?k')
  const host = { host: '127.0.0.1', port: 5672 }
  const broker = () => ({ cluster: own.client.cluster, host })

  test('is used where it names the cluster of the broker, and asked once for each login', async () => {
    opened.length = 0
    const find = finder(url())
    const api = await find(local, broker())
    expect(await api?.cluster()).toBe(own.client.cluster)
    expect(await find(local, broker())).toBe(api)
    expect(opened).toEqual(['http://127.0.0.1:15672/'])
  })

  test('is not used where it names another cluster or refuses the user, or the broker names none', async () => {
    expect(await finder(url())(local, { cluster: 'other', host })).toBeUndefined()
    expect(await finder(url())({ ...local, user: 'eve' }, broker())).toBeUndefined()
    expect(await finder(url())(local, { cluster: undefined, host })).toBeUndefined()
  })

  test('is not asked at all beside a broker on another port', async () => {
    opened.length = 0
    expect(await finder(url())(local, { ...broker(), host: { ...host, port: 5673 } })).toBeUndefined()
    expect(opened).toEqual([])
  })

  test.each([
    [200, {}],
    [401, {}],
    [401, { 'www-authenticate': 'Basic realm="Printer"' }],
    [302, { location: 'http://127.0.0.1:1/' }],
  ])('gets no login where something else answers with %i %j', async (status, answer) => {
    const asked: IncomingHttpHeaders[] = []
    const server = createServer((request, response) => {
      asked.push(request.headers)
      response.writeHead(status, answer).end('{"name":"x"}')
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    expect(await finder(`http://127.0.0.1:${port}`)(local, broker())).toBeUndefined()
    expect(asked).toHaveLength(1)
    expect(asked[0]).not.toHaveProperty('authorization')
    server.close()
  })

  test('that does not answer in time, or is not there, is none', async () => {
    const mute = await mutePort()
    expect(await finder(`http://127.0.0.1:${mute.port}`, 50)(local, broker())).toBeUndefined()
    await mute.close()
    expect(await finder(`http://127.0.0.1:${await closedPort()}`)(local, broker())).toBeUndefined()
  })
})
