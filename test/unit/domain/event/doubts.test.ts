import { describe, expect, test } from 'vitest'
import { doubtsAbout, doubtsAboutSocket } from '#lib/domain/event/doubts.ts'

describe('a name is doubted', () => {
  test.each([
    ['E_PIKE_BLOKED', 'E_PIKE_BLOCKED'],
    ['e_pike_blocked', 'E_PIKE_BLOCKED'],
    ['PIKE_BLOCKED', 'E_PIKE_BLOCKED'],
    ['E_ACC_CDRS', 'E_ACC_CDR'],
    ['E_DLG_STATE_CHANGE', 'E_DLG_STATE_CHANGED'],
  ])('where an event is nearly one of OpenSIPS: %s for %s', async (name, nearest) => {
    expect(await doubtsAbout(name, ['anything'])).toEqual([{ kind: 'event', name, nearest }])
  })

  test('where a parameter is none of the event', async () => {
    expect(await doubtsAbout('E_PIKE_BLOCKED', ['ip', 'ipp', 'pi'])).toEqual([
      { kind: 'param', name: 'ipp', event: 'E_PIKE_BLOCKED', nearest: 'ip', known: ['ip'] },
      { kind: 'param', name: 'pi', event: 'E_PIKE_BLOCKED', nearest: undefined, known: ['ip'] },
    ])
  })
})

describe('a routing key is doubted', () => {
  test.each([
    'vhost=prod',
    'pike;vhost=prod',
    'exchange=sip',
    'tls_domain=a',
    'persistent',
    'k;persistent;x',
  ])('that is a parameter: %s', (routingKey) => {
    expect(doubtsAboutSocket({ routingKey })).toEqual([{ kind: 'routing-key', name: routingKey }])
  })

  test.each(['pike', 'persistent.events', 'my_vhost=1', ''])(
    'not where it only resembles one: %j',
    (routingKey) => {
      expect(doubtsAboutSocket({ routingKey })).toEqual([])
    },
  )
})

describe('a name is not doubted', () => {
  test.each([
    ['of an event of the user alone', 'E_MY_OWN_THING', ['anything']],
    ['of a short event', 'E_X', ['a']],
    ['of a known event without parameters', 'E_PIKE_BLOCKED', []],
    ["of the parameter that marks a test event of evi's own", 'E_PIKE_BLOCKED', ['ip', 'evi']],
    ['of a parameter that OpenSIPS sends', 'E_PIKE_BLOCKED', ['ip']],
    ['of a parameter of an event to which its users add their own', 'E_ACC_CDR', ['customer']],
    ['of the example in the manual of event_rabbitmq', 'E_SIP_MESSAGE', ['user', 'count']],
    ['that is a property of every object', 'toString', ['constructor']],
  ])('%s', async (_what, event, params) => {
    expect(await doubtsAbout(event, params)).toEqual([])
  })
})
