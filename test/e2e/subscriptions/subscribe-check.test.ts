import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { brokerAddress } from '../../helpers/brokers/client.ts'
import { client, evi, useClient, useEvi } from '../../helpers/evi/fixtures.ts'

const nowhere = `nowhere-${randomUUID()}`

useEvi()
useClient()

describe('subscribe --check', () => {
  test('stores what is whole, and says nothing but JSON where that is asked for', async () => {
    const words = ['subscribe', 'E_A', `${brokerAddress}/${await client.queue()}`, '--check']
    expect(await evi.run(words)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^✔ Subscribed/),
      stderr: expect.stringMatching(/! queue/),
    })
    expect(await evi.run([...words, '--json'])).toMatchObject({ code: 0, stderr: '' })
  })

  test('stores nothing of what is cut', async () => {
    const words = ['subscribe', 'E_A', `${brokerAddress}/${nowhere}`, '--check']
    const plain = await evi.run(words)
    expect(plain).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringMatching(/✖ queue[\s\S]+Nothing was stored/),
    })
    const json = await evi.run([...words, '--json'])
    expect({ code: json.code, stderr: json.stderr }).toEqual({ code: 5, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({ passed: 0, failed: 1 })
    expect(await evi.json('list')).toEqual({ subscriptions: [] })
  })
})
