import { describe, expect, test } from 'vitest'
import { keysOf, read, startup, to } from '../../../../helpers/opensips/read-config.ts'

describe('variables', () => {
  test.for<[string, string[], string[]]>([
    ['one that is assigned', ['$var(h) = "a";', to('$var(h)')], ['a']],
    [
      'one that is assigned in a condition',
      ['$var(h) = "a";', 'if ($var(h) = "b") { }', to('$var(h)')],
      ['b'],
    ],
    ['one of whose values one is replaced', ['$avp(h) = "a";', '$(avp(h)[1]) = "b";', to('$avp(h)')], []],
    ['one that a call may change by an index', ['$avp(h) = "a";', 'f($(avp(h)[0]));', to('$avp(h)')], []],
    ['one in parentheses', ['$var(h) = "a";', to('$(var(h))-x')], ['a-x']],
    [
      'one that is put together',
      ['$avp(q) = "a";', '$var(h) = $avp(q) + "-" + "b" + "c";', to('$var(h)')],
      ['a-bc'],
    ],
    ['one that is assigned twice', ['$var(h) = "a";', '$var(h) = "b";', to('$var(h)')], ['b']],
    ['one that may have another value', ['$var(h) = "a";', 'if ($x) $var(h) = "b";', to('$var(h)')], []],
    [
      'one that a function may change',
      ['$var(h) = "a";', 'cache_fetch("local", "k", $var(h));', to('$var(h)')],
      [],
    ],
    ['one that is only printed', ['$var(h) = "a";', 'xlog("$var(h)\\n");', to('$var(h)')], ['a']],
    ['one that a sum changes', ['$var(h) = "a";', '$var(h) += "b";', to('$var(h)')], []],
    ['one that a loop changes', ['$var(h) = "a";', `while ($x) { ${to('$var(h)')} $var(h) = "b"; }`], []],
    ['one of another route', ['$var(h) = "a";', 'route(r);', '}', `route[r] { ${to('$var(h)')}`], ['a']],
    [
      'one that the called route changes',
      ['$var(h) = "a";', 'route(r);', to('$var(h)'), '}', 'route[r] { $var(h) = "b";'],
      ['b'],
    ],
    ['one that nothing assigns', [to('$rU')], []],
    ['one with a transformation', ['$var(h) = "a";', to('$(var(h){s.len})')], []],
    ['a number', ['$var(n) = 5;', to('k$var(n)')], ['k5']],
    ['a dollar', [to('a$$b$$')], ['a$b$']],
    ['a dollar by its number', [to('\\x24$b')], ['$b']],
  ])('%s', ([, lines, keys]) => {
    expect(keysOf(startup(...lines))).toEqual(keys)
  })

  test('each run of a route has its own values', () => {
    const routes = `route[r] { ${to('$var(q)')} }`
    expect(
      keysOf(`${startup('$var(q) = "a";', 'route(r);', '$var(q) = "b";', 'route(r);')}${routes}`),
    ).toEqual(['a', 'b'])
  })

  test('a value that is given counts before one that is assigned', () => {
    const text = startup('$var(q) = "a";', to('$var(q)'))
    expect(read(text, {}, { '$var(q)': 'given' }).subscriptions[0]?.socket.routingKey).toBe('given')
    expect(read(text, {}, { '$var(q)': 'given' }).warnings).toEqual([])
  })

  test('of two that are the same, the one that OpenSIPS makes first counts, also where it stands last', () => {
    const text = `route[r] { subscribe_event("E_X", "rabbitmq:u:second@h/k"); ${to('a')} }\n${startup(
      'subscribe_event("E_X", "rabbitmq:u:first@h/k");',
      'route(r);',
    )}`
    const { subscriptions, warnings } = read(text)
    expect(
      subscriptions.map(({ socket: { password, routingKey }, line }) => [routingKey, password, line]),
    ).toEqual([
      ['a', undefined, 1],
      ['k', 'first', 3],
    ])
    expect(warnings).toMatchObject([{ code: 'duplicate', line: 1 }])
  })

  test.for([`"E_$$X"`, `'$$'`, `"E_$($)X"`])(
    'the event %s is none that OpenSIPS registers, so that it is not taken',
    (event) => {
      const text = startup(`if (!subscribe_event(${event}, "rabbitmq:h/a")) exit;`, to('b'))
      const { subscriptions, unread, warnings } = read(text)
      expect(subscriptions).toMatchObject([{ socket: { routingKey: 'b' }, when: 'maybe' }])
      expect(unread).toBe(1)
      expect(warnings).toMatchObject([
        { code: 'refused-event', line: 2, message: expect.stringContaining('"$"') },
        { code: 'condition', line: 3 },
      ])
    },
  )

  test('a dollar without a name is said to be one that is to be doubled', () => {
    const [warning] = read(startup('subscribe_event("E_X", "rabbitmq:u:secret$@h/k");')).warnings
    expect(warning).toMatchObject({ code: 'variable', line: 2 })
    expect(warning?.message).toBe(
      'A "$" without a name stops OpenSIPS; the character itself is written "$$": rabbitmq:u:***@h/k. Not taken.',
    )
  })

  test('the new form of an old socket is escaped, so that it can be pasted', () => {
    const [warning] = read(startup('subscribe_event("E_X", "rabbitmq:h/a%3Bb%25?k%2525");')).warnings
    expect(warning?.message).toMatch(/There: exchange=a%3Bb%25\?k%2525$/)
  })

  test('a password with a variable is not shown', () => {
    const [warning] = read(startup('subscribe_event("E_X", "rabbitmq:alice:secret@$var(h)/k");')).warnings
    expect(warning).toMatchObject({ code: 'variable', message: expect.not.stringContaining('secret') })
  })
})
