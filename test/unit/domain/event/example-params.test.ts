import { describe, expect, test } from 'vitest'
import { knownEvents } from '#lib/domain/event/catalogue.ts'
import { doubtsAbout } from '#lib/domain/event/doubts.ts'
import { exampleParams } from '#lib/domain/event/example-params.ts'
import { buildNotification, paramNames } from '#lib/domain/event/notification.ts'

const notification = async (event: string, ...named: string[]) =>
  buildNotification(event, { named: await exampleParams(event, named), unnamed: [], whole: undefined })

describe('the example of an event', () => {
  test.each(knownEvents.map((event) => [event.name, event] as const))(
    'has all parameters of %s, in order and with their types',
    async (name, { params }) => {
      const text = await notification(name)
      expect(paramNames(text)).toEqual(params.map((param) => param.name))
      for (const { name: param, type } of params)
        expect(typeof JSON.parse(text).params[param], param).toBe(type === 'integer' ? 'number' : 'string')
      expect(await doubtsAbout(name, paramNames(text))).toEqual([])
    },
  )

  test('takes a given parameter in the place of its own, and others at the end', async () => {
    const { params } = JSON.parse(await notification('E_FRD_WARNING', 'mine=1', 'value:=12', 'user=bob'))
    expect(Object.keys(params)).toEqual([
      ...['param', 'value', 'threshold', 'user', 'called_number', 'rule_id', 'profile_id', 'mine'],
    ])
    expect(params).toMatchObject({ mine: '1', value: 12, user: 'bob' })
  })

  test.each(['ip', 'ip:', '=x', ':=1'])('refuses the malformed parameter %s', async (assignment) => {
    await expect(notification('E_PIKE_BLOCKED', assignment)).rejects.toMatchObject({ code: 'usage' })
  })

  test('refuses a parameter that is given twice', async () => {
    await expect(notification('E_PIKE_BLOCKED', 'ip=1', 'ip=2')).rejects.toMatchObject({ code: 'usage' })
  })

  test('is refused for an event that OpenSIPS does not have, with the nearest one', async () => {
    await expect(exampleParams('E_PIKE_BLOKED', [])).rejects.toMatchObject({
      code: 'usage',
      hint: 'Did you mean E_PIKE_BLOCKED?',
    })
    await expect(exampleParams('E_MINE', [])).rejects.toMatchObject({ code: 'usage' })
  })
})
